// Small comforts; every page reads and filters without them.
"use strict";

/** In an article: light up what belongs to a statement or an event, and step through them by keys. */
function readArticle(reading) {
  const cards = [...reading.querySelectorAll(".card")];
  const pieces = [...reading.querySelectorAll("[data-of], [data-roles]")];
  const labels = (piece) => (piece.dataset.of || "").split(" ").filter(Boolean);
  const roles = (piece) => (piece.dataset.roles || "").split(" ").filter(Boolean).map((one) => one.split(":"));
  let kept = null;

  function light(label) {
    for (const card of cards) card.classList.toggle("is-lit", card.dataset.item === label);
    for (const piece of pieces) {
      piece.classList.toggle("is-lit", labels(piece).includes(label));
      for (const role of ["actor", "recipient"]) {
        piece.classList.toggle(`is-${role}`, roles(piece).some(([of, as]) => of === label && as === role));
      }
    }
  }

  function go(step) {
    const place = cards.findIndex((card) => card.dataset.item === kept);
    const next = place < 0 ? (step > 0 ? 0 : cards.length - 1) : place + step;
    if (next < 0 || next >= cards.length) return;
    choose(cards[next].dataset.item);
    cards[next].focus({ preventScroll: true });
    cards[next].scrollIntoView({ block: "nearest" });
    const piece = pieces.find((one) => labels(one).includes(kept));
    if (piece) piece.scrollIntoView({ block: "center" });
  }

  function choose(label) {
    kept = label;
    light(label);
  }

  for (const card of cards) {
    card.addEventListener("pointerenter", () => light(card.dataset.item));
    card.addEventListener("pointerleave", () => light(kept));
    card.addEventListener("click", (event) => event.target.closest("a, summary") || choose(card.dataset.item));
  }
  for (const piece of pieces.filter((one) => labels(one).length)) {
    const label = labels(piece).at(-1);
    piece.addEventListener("pointerenter", () => light(label));
    piece.addEventListener("pointerleave", () => light(kept));
    piece.addEventListener("click", () => {
      choose(label);
      const card = cards.find((one) => one.dataset.item === label);
      if (card) card.scrollIntoView({ block: "nearest" });
    });
  }
  const keys = reading.querySelector(".keys");
  if (keys) keys.hidden = false;
  onKeys({
    j: () => go(1),
    k: () => go(-1),
    w: () => {
      const why = reading.querySelector(".card.is-lit details");
      if (why) why.open = !why.open;
    },
    Escape: () => choose(null),
  });
  const anchored = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const card = anchored && anchored.closest(".card");
  if (card) choose(card.dataset.item);
}

/** Call what belongs to a key, unless somebody is writing. */
function onKeys(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=radio]), textarea, select, a, button, summary") && event.key !== "Escape") return;
    const action = actions[event.key];
    if (action) {
      event.preventDefault();
      action();
    }
  });
}

document.addEventListener("DOMContentLoaded", () => {
  for (const reading of document.querySelectorAll(".article")) readArticle(reading);
});

/** In a review: a key for each verdict. */
function judge(form) {
  const rows = [...form.querySelectorAll("[data-row]")];
  let place = 0;

  function move(to) {
    place = Math.min(Math.max(to, 0), rows.length - 1);
    rows.forEach((row, index) => row.classList.toggle("is-lit", index === place));
    rows[place].scrollIntoView({ block: "nearest" });
  }

  function say(row, value) {
    const choice = row.querySelector(`input[type="radio"][value="${value}"]`);
    if (choice) choice.checked = true;
    const details = row.querySelector("details");
    if (details && choice) {
      details.open = value === "changed" || value === "missing";
      if (details.open) details.querySelector("select, input").focus();
    }
    return choice;
  }

  form.addEventListener("input", (event) => {
    const row = event.target.closest("[data-row]");
    if (row && event.target.closest(".coding")) {
      const value = row.dataset.row === "missed" ? "missing" : "changed";
      row.querySelector(`input[value="${value}"]`).checked = true;
    }
  });
  onKeys({
    j: () => move(place + 1),
    k: () => move(place - 1),
    a: () => (say(rows[place], "right") || say(rows[place], "none")) && move(place + 1),
    x: () => say(rows[place], "wrong") && move(place + 1),
    e: () => say(rows[place], "changed"),
    m: () => {
      const missed = rows.findIndex((row) => row.dataset.row === "missed");
      if (missed < 0) return;
      move(missed);
      say(rows[missed], "missing");
    },
    s: () => form.querySelector(".skipping").click(),
    Enter: () => form.requestSubmit(),
  });
  move(0);
}

document.addEventListener("DOMContentLoaded", () => {
  const form = document.querySelector("form.review");
  if (form) judge(form);
});
