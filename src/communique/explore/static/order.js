// The map, the network and the poles of one period, linked: the slider moves all, a state that is chosen is seen in all.
"use strict";

document.addEventListener("DOMContentLoaded", async () => {
  const data = document.getElementById("drawn");
  if (!data) return;
  const { drawn, alike, state, at, by } = JSON.parse(data.textContent);
  const [world, codes] = await Promise.all([
    d3.json("/static/vendor/countries-110m.json"), d3.json("/static/iso3166.json"),
  ]);
  const pictures = document.getElementById("pictures");
  pictures.hidden = false;
  const slider = document.getElementById("slider");
  const form = document.querySelector(".order-form");
  const times = drawn.times;
  const name = (code) => drawn.names[code] || code;
  const colour = (key) => getComputedStyle(document.documentElement).getPropertyValue(`--${key}`).trim();
  const short = (start) => (drawn.period === "year" ? start.slice(0, 4) : start.slice(0, 7));
  let place = times.findIndex((time) => time.start === at);
  let lit = null;

  const blocColours = () => ["bloc-1", "bloc-2", "bloc-3", "bloc-4", "bloc-5", "bloc-6"].map(colour);
  const blocOf = (time) => new Map(time.poles.flatMap(([number, , members]) => members.map((one) => [one, number])));
  const blocColour = (number) => (number === undefined ? colour("line") : blocColours()[(number - 1) % 6]);
  const likeColour = () => d3.scaleLinear([-1, 0, 1], [colour("material-conflict"), colour("raised"), colour("material-cooperation")]).clamp(true);
  const choose = (code) => {
    const address = new URLSearchParams({ state: code, at: times[place].start, by: form.elements.by.value });
    location.assign(`/order?${address}`);
  };

  // The map: drawn once, coloured for each period.
  const features = topojson.feature(world, world.objects.countries).features.filter((one) => one.id !== "010");
  const code = (feature) => codes[feature.id] || (feature.properties.name === "Kosovo" ? "XKX" : null);
  const projection = d3.geoNaturalEarth1().fitSize([960, 460], { type: "FeatureCollection", features });
  const svg = d3.create("svg").attr("viewBox", "0 0 960 460").attr("role", "img").attr("aria-label", "The world; the same is told by the tables below");
  const countries = svg.append("g").selectAll("path").data(features).join("path").attr("d", d3.geoPath(projection))
    .attr("class", "country").classed("known", (one) => code(one) in drawn.names)
    .on("pointerenter", (event, one) => light(code(one))).on("pointerleave", () => light(null))
    .on("click", (event, one) => code(one) in drawn.names && choose(code(one)));
  countries.append("title");
  document.getElementById("map").append(svg.node());

  function paintMap() {
    const time = times[place];
    const blocs = blocOf(time);
    const like = likeColour();
    const byBloc = form.elements.by.value === "bloc";
    countries.attr("fill", (one) => {
      const value = alike[place][code(one)];
      if (byBloc) return blocColour(blocs.get(code(one)));
      return code(one) === state ? colour("accent") : value === undefined || value === null ? colour("line") : like(value);
    });
    countries.select("title").text((one) => {
      const value = alike[place][code(one)];
      const known = byBloc ? blocs.has(code(one)) && `bloc of ${name(leader(time, blocs.get(code(one))))}` : value !== undefined && value !== null && `${value > 0 ? "+" : ""}${value} to ${name(state)}`;
      return `${name(code(one)) || one.properties.name}${known ? `: ${known}` : ""}`;
    });
    const key = byBloc ? time.poles.slice(0, 6).map(([number, first]) => [blocColour(number), name(first)])
      : [[colour("accent"), name(state)], [like(1), "acts alike"], [like(0), "neither"], [like(-1), "acts against"], [colour("line"), "not known"]];
    d3.select("#map-key").selectAll("span").data(key).join("span").each(function ([fill, words]) {
      const box = d3.create("svg").attr("width", 12).attr("height", 12).attr("aria-hidden", "true");
      box.append("rect").attr("width", 12).attr("height", 12).attr("fill", fill).attr("stroke", colour("soft"));
      this.replaceChildren(box.node(), ` ${words} `);
    });
  }

  const leader = (time, number) => (time.poles.find(([one]) => one === number) || [null, ""])[1];

  // The network: forces from the ties, friends near, foes apart; places are kept from one period to the next.
  const width = Math.max(320, Math.min(620, document.getElementById("network").clientWidth));
  const height = Math.round(width * 0.8);
  const net = d3.create("svg").attr("viewBox", `0 0 ${width} ${height}`).attr("role", "img").attr("aria-label", "States and their ties; pairs have pages of their own");
  const lines = net.append("g");
  const circles = net.append("g");
  document.getElementById("network").append(net.node());
  const kept = new Map();

  function paintNetwork() {
    const time = times[place];
    const weight = new Map();
    for (const [a, b, , events] of time.ties) for (const one of [a, b]) weight.set(one, (weight.get(one) || 0) + events);
    const most = d3.max(weight.values()) || 1;
    const nodes = [...weight.keys()].map((id, index) => kept.get(id) || { id, x: width / 2 + 130 * Math.cos(index * 2.4), y: height / 2 + 110 * Math.sin(index * 2.4) });
    const strongest = [...time.ties].sort((one, other) => Math.abs(other[2]) * Math.sqrt(other[3]) - Math.abs(one[2]) * Math.sqrt(one[3])).slice(0, 120);
    const links = strongest.filter(([, , direct]) => Math.abs(direct) > 0.02).map(([a, b, direct, events]) => ({ source: a, target: b, direct, events }));
    const blocs = blocOf(time);
    const radius = (node) => 4 + 12 * Math.sqrt((weight.get(node.id) || 0) / most);
    d3.forceSimulation(nodes).stop()
      .force("tie", d3.forceLink(links).id((node) => node.id).distance((link) => (link.direct > 0 ? 0.11 : 0.35) * width).strength((link) => Math.min(0.6, Math.abs(link.direct) * 1.5)))
      .force("apart", d3.forceManyBody().strength(-width / 6)).force("collide", d3.forceCollide((node) => radius(node) + 8))
      .force("x", d3.forceX(width / 2).strength(0.06)).force("y", d3.forceY(height / 2).strength(0.09)).tick(220);
    for (const node of nodes) {
      node.x = Math.min(width - 30, Math.max(30, node.x));
      node.y = Math.min(height - 16, Math.max(16, node.y));
      kept.set(node.id, node);
    }
    lines.selectAll("line").data(links).join("line")
      .attr("x1", (link) => link.source.x).attr("y1", (link) => link.source.y).attr("x2", (link) => link.target.x).attr("y2", (link) => link.target.y)
      .attr("stroke", (link) => colour(link.direct > 0 ? "material-cooperation" : "material-conflict"))
      .attr("stroke-dasharray", (link) => (link.direct > 0 ? null : "4 3"))
      .attr("stroke-opacity", (link) => 0.25 + Math.min(0.6, Math.abs(link.direct))).attr("stroke-width", (link) => 0.8 + 3 * Math.abs(link.direct));
    const groups = circles.selectAll("g").data(nodes, (node) => node.id).join((enter) => {
      const made = enter.append("g").attr("class", "node");
      made.append("circle");
      made.append("text").attr("dy", "0.32em");
      made.append("title");
      return made.on("pointerenter", (event, node) => light(node.id)).on("pointerleave", () => light(null)).on("click", (event, node) => choose(node.id));
    });
    groups.attr("transform", (node) => `translate(${node.x},${node.y})`);
    groups.select("circle").attr("r", radius).attr("fill", (node) => blocColour(blocs.get(node.id))).attr("stroke", (node) => (node.id === state ? colour("ink") : colour("paper"))).attr("stroke-width", (node) => (node.id === state ? 2.5 : 1));
    groups.select("text").attr("x", (node) => radius(node) + 3).text((node) => node.id);
    groups.select("title").text((node) => name(node.id));
  }

  // Poles over time; the period that is shown is marked, and another is chosen by a click.
  function paintPoles() {
    const wide = Math.max(320, Math.min(620, document.getElementById("poles").clientWidth));
    const high = 240, left = 30, low = high - 24;
    const x = d3.scalePoint(times.map((time) => time.start), [left + 10, wide - 20]);
    const y = d3.scaleLinear([0, Math.max(3, d3.max(times, (time) => time.number) * 1.1)], [low, 10]);
    const picture = d3.create("svg").attr("viewBox", `0 0 ${wide} ${high}`).attr("role", "img").attr("aria-label", "The effective number of poles of each period");
    const every = Math.ceil(times.length / (wide / 56));
    picture.append("g").attr("transform", `translate(0,${low})`).call(d3.axisBottom(x).tickValues(times.map((time) => time.start).filter((start, index) => index % every === 0)).tickFormat(short));
    picture.append("g").attr("transform", `translate(${left},0)`).call(d3.axisLeft(y).ticks(4));
    picture.append("path").attr("fill", "none").attr("stroke", colour("accent")).attr("stroke-width", 2).attr("d", d3.line((time) => x(time.start), (time) => y(time.number))(times));
    picture.append("g").selectAll("circle").data(times).join("circle").attr("cx", (time) => x(time.start)).attr("cy", (time) => y(time.number))
      .attr("r", (time, index) => (index === place ? 6 : 3)).attr("fill", colour("accent")).attr("class", "moment")
      .on("click", (event, time) => move(times.indexOf(time))).append("title").text((time) => `${short(time.start)}: ${time.number} poles`);
    document.getElementById("poles").replaceChildren(picture.node());
  }

  /** Show one state in map and network. */
  function light(code_) {
    lit = code_;
    countries.classed("is-lit", (one) => lit !== null && code(one) === lit);
    circles.selectAll("g").classed("is-lit", (node) => node.id === lit);
    lines.selectAll("line").classed("is-dim", (link) => lit !== null && link.source.id !== lit && link.target.id !== lit);
  }

  /** Show a period in all pictures, and keep it in the address. */
  function move(to) {
    place = to;
    slider.value = to;
    document.getElementById("told").textContent = short(times[place].start);
    paint();
    const address = new URLSearchParams({ state, at: times[place].start, by: form.elements.by.value });
    history.replaceState(history.state, "", `/order?${address}`);
    form.elements.at.value = times[place].start;
  }

  function paint() {
    paintMap();
    paintNetwork();
    paintPoles();
  }

  slider.addEventListener("input", () => move(Number(slider.value)));
  slider.addEventListener("change", () => form.requestSubmit());
  form.addEventListener("change", (event) => (event.target.name === "by" ? move(place) : form.requestSubmit()));
  slider.value = place;
  document.getElementById("told").textContent = short(times[place].start);
  paint();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
});
