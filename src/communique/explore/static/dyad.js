// The pictures of a dyad; dragging over the first chooses the stretch of time that is read below.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const data = document.getElementById("drawn");
  if (!data) return;
  const { course, turns, period } = JSON.parse(data.textContent);
  const rows = course.map((row) => ({ ...row, period: new Date(row.period) }));
  const charts = document.getElementById("charts");
  charts.hidden = false;

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const iso = (date) => new Date(date - date.getTimezoneOffset() * 60000).toISOString().slice(0, 10);

  function draw() {
    const width = charts.clientWidth;
    const ink = { color: colour("ink"), background: "transparent", fontSize: "12px" };
    const length = period === "year" ? d3.utcYear : d3.utcMonth;
    const time = { type: "utc", label: null, domain: [rows[0].period, length.offset(rows.at(-1).period, 1)] };
    const mean = Plot.plot({
      width, height: 220, marginLeft: 36, style: ink, x: time, y: { label: null, grid: true },
      marks: [
        Plot.ruleY([0], { stroke: colour("soft") }),
        Plot.ruleX(turns, { x: (turn) => new Date(turn.period), stroke: colour("accent"), strokeDasharray: "4 3" }),
        Plot.areaY(rows.filter((row) => row.low !== null), { x: "period", y1: "low", y2: "high", fill: colour("accent"), fillOpacity: 0.18 }),
        Plot.lineY(rows, { x: "period", y: "mean", stroke: colour("accent"), strokeWidth: 1.8 }),
        Plot.dot(rows, { x: "period", y: "mean", r: 2, fill: colour("accent") }),
      ],
    });
    const classes = [["verbal_cooperation", 1], ["material_cooperation", 1], ["verbal_conflict", -1], ["material_conflict", -1]];
    const bars = rows.flatMap((row) => classes.map(([name, sign]) => ({ period: row.period, name, count: sign * row[name] })));
    const half = Math.max(1, (width - 50) / Math.max(1, rows.length) / 2.6);
    const counts = Plot.plot({
      width, height: 180, marginLeft: 36, style: ink, x: time, y: { label: null, grid: true, tickFormat: (value) => Math.abs(value) },
      marks: [
        Plot.ruleX(bars, Plot.stackY({ x: "period", y: "count", stroke: (bar) => colour(bar.name.replace("_", "-")), strokeWidth: Math.min(14, half * 2) })),
        Plot.ruleY([0], { stroke: colour("soft") }),
      ],
    });
    const tension = Plot.plot({
      width, height: 120, marginLeft: 36, style: ink, x: time, y: { label: null, grid: true, ticks: 3, domain: [0, Math.max(0.5, d3.max(rows, (row) => row.tension))] },
      marks: [Plot.lineY(rows, { x: "period", y: "tension", stroke: colour("material-conflict"), strokeWidth: 1.8 })],
    });
    for (const [place, picture] of Object.entries({ mean, counts, tension })) {
      // each picture is one image with a name of its own
      for (const part of picture.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
      document.getElementById(place).replaceChildren(picture);
    }
    brush(mean, width);
  }

  function brush(picture, width) {
    const scale = picture.scale("x");
    const x = d3.scaleUtc().domain(scale.domain).range(scale.range);
    const height = 220;
    const chosen = d3.brushX().extent([[36, 0], [width - 10, height - 20]]).on("end", (event) => {
      if (!event.sourceEvent) return; // drawn by us, not by a hand
      const ends = event.selection && event.selection.map((place) => iso(x.invert(place)));
      read(ends ? ends[0] : "", ends ? ends[1] : "");
    });
    const layer = d3.select(picture).append("g").attr("class", "brush").call(chosen);
    layer.select(".selection").attr("fill", colour("accent")).attr("stroke", "none");
    const { since, until } = Object.fromEntries(new FormData(document.querySelector("form.stretch")));
    if (since || until) {
      const ends = [since ? new Date(since) : x.domain()[0], until ? new Date(until) : x.domain()[1]];
      const places = ends.map((date) => Math.min(Math.max(x(date), 36), width - 10));
      if (places[0] < places[1]) layer.call(chosen.move, places);
    }
  }

  function read(from, to) {
    const form = document.querySelector("form.stretch");
    form.elements.since.value = from;
    form.elements.until.value = to;
    form.dispatchEvent(new Event("change", { bubbles: true }));
  }

  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  let before = charts.clientWidth;
  new ResizeObserver(() => {
    if (Math.abs(charts.clientWidth - before) > 8) {
      before = charts.clientWidth;
      draw();
    }
  }).observe(charts);
});
