// SPDX-License-Identifier: Apache-2.0
// The driver's page goes on by itself: what is pressed is put into the outbox, and the next stop is there at once, with
// or without a connection. When the plan changes the page changes and says so, but never under a thumb.

import { say, waiting } from "../js/outbox.js";
import { small } from "../js/photo.js";
import { drawWay } from "./drive_way.js";

const ASK = 15_000; // how often the city is asked whether the plan has changed
const SETTLES = 700; // a card that is new takes no press: the thumb may still be on its way to the one before
const PACE = "dure.pace";
const LAST = "dure.pressed"; // city ms of the newest press
const AHEAD = 60_000; // of another city, or before its clock was put back: no reason to go on from there
const words = document.getElementById("drive-words").dataset;
const page = () => document.getElementById("drive");
const pressed = new Map(); // stop → what was said, until the city's own page says it too
let askedWith = new Map();
let held = false;
let owed = false;
let order = "";

// ---- the city's time, also on a page that was kept: its clock stands, the phone's goes on

function pace() {
  const { now, speed } = document.getElementById("city-clock").dataset;
  const fresh = { city: now * 1000, real: Date.now(), speed: Number(speed) };
  if ("kept" in document.documentElement.dataset) return JSON.parse(localStorage.getItem(PACE) ?? "null") ?? fresh;
  localStorage.setItem(PACE, JSON.stringify(fresh));
  return fresh;
}

const { city, real, speed } = pace();

// The last word of a stop holds: what is pressed later is later, though a newer page's clock may be a second behind.
function cityTime() {
  const at = Math.max(city + (Date.now() - real) * speed, Number(localStorage.getItem(LAST) ?? 0) + 1);
  const now = Math.min(at, city + (Date.now() - real) * speed + AHEAD);
  localStorage.setItem(LAST, now);
  return new Date(now).toISOString();
}

// ---- which stop is next

const stopOf = (address) => address.match(/\/stops\/(\d+)\/(collected|could-not|unloaded|undone)\/$/)?.slice(1);

function note(entry) {
  const [stop, deed] = stopOf(entry.url) ?? [];
  if (stop) pressed.set(stop, { deed, id: entry.id });
}

const isEnded = (stop) => pressed.has(stop) && pressed.get(stop).deed !== "undone";

function openStops() {
  const taken = [...page().querySelectorAll("li[data-ended]")].map((row) => row.dataset.ended);
  const back = taken.filter((stop) => pressed.get(stop)?.deed === "undone");
  const left = [...page().querySelectorAll("li[data-stop]")].map((row) => row.dataset.stop);
  return [...back, ...left.filter((stop) => !isEnded(stop))];
}

const numbers = (text) => text.split(",").map(Number);

function show() {
  const place = page().querySelector("#next");
  if (!place) return;
  const left = openStops();
  const [first, ...rest] = left;
  const shown = place.querySelector("[data-stop]")?.dataset.stop;
  if (first !== shown) {
    const card = first && page().querySelector(`template[data-card="${first}"]`).content.cloneNode(true);
    place.replaceChildren(...(card ? [card] : []));
    settle(place.querySelector(".stop"));
  }
  for (const row of page().querySelectorAll("li[data-stop]")) row.hidden = row.dataset.stop === first || isEnded(row.dataset.stop);
  page().querySelector("#then").hidden = !rest.length;
  const way = page().querySelector(".way svg");
  drawWay(way, left.map((stop) => numbers(page().querySelector(`li[data-stop="${stop}"], li[data-ended="${stop}"]`).dataset.at)), numbers(way.dataset.home));
  const home = page().querySelector("#home");
  if (first) home.hidden = true;
  else if (shown) home.hidden = false;
  showUnsent();
  const made = page().querySelector("#made");
  const fresh = [...page().querySelectorAll("li[data-stop]")].filter((row) => isEnded(row.dataset.stop)).length;
  made.textContent = Number(made.dataset.made) + fresh;
}

// What waits here can be taken back as well: in a glove the wrong button is soon pressed.
function showUnsent() {
  const urls = waiting().map(({ url }) => new URL(url).pathname);
  for (const form of page().querySelectorAll("[data-hides]")) form.hidden = urls.includes(form.getAttribute("action"));
  const rows = [...page().querySelectorAll("li[data-stop]")].filter((row) => isEnded(row.dataset.stop)).map((row) => {
    const made = page().querySelector("#just-row").content.cloneNode(true);
    const [name, button] = [row.querySelector("b").textContent, made.querySelector("button")];
    made.querySelector("b").textContent = name;
    button.lastElementChild.textContent = `: ${name}`;
    button.dataset.undo = page().dataset.undoing.replace("/0/", `/${row.dataset.stop}/`);
    return made;
  });
  page().querySelector("#just").replaceChildren(...rows);
  for (const row of page().querySelectorAll("li[data-ended]")) row.hidden = pressed.get(row.dataset.ended)?.deed === "undone";
  page().querySelector("#ended").hidden = !page().querySelector("#ended li:not([hidden])");
}

function settle(card) {
  if (!card) return;
  card.dataset.fresh = "";
  setTimeout(() => delete card.dataset.fresh, SETTLES);
}

// ---- pressing

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.matches("[data-stays]")) return;
    if (form.closest("[data-fresh]")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    if (form.id !== "photo") form.elements.at.value ||= cityTime();
    form.closest("dialog")?.close();
  },
  true, // before the outbox takes it
);

document.addEventListener("dure:outbox", ({ detail: { state, entry } }) => {
  const [stop] = stopOf(entry.url) ?? [];
  if (state === "kept") note(entry);
  if (state === "refused" && stop && pressed.get(stop)?.id === entry.id) pressed.delete(stop);
  show();
  order = openStops().join();
  if (state !== "kept") refresh();
});

document.addEventListener("click", ({ target }) => {
  const { undo, couldNot: address } = target.closest?.("[data-could-not], [data-undo]")?.dataset ?? {};
  if (undo) {
    const form = document.getElementById("undo");
    fill(form, undo);
    form.requestSubmit();
  }
  if (!address || target.closest("[data-fresh]")) return;
  const dialog = document.getElementById("could-not");
  const form = dialog.querySelector("form");
  form.reset();
  fill(form, address);
  form.elements.note.required = false;
  form.elements.note.setCustomValidity("");
  dialog.showModal();
});

document.getElementById("could-not").addEventListener("change", ({ target }) => {
  const { note: text } = target.form.elements;
  text.required = target.form.elements.reason.value === "other";
  text.setCustomValidity(text.required && !text.value.trim() ? words.note : "");
});
document.getElementById("why-note").addEventListener("input", ({ target }) => target.setCustomValidity(""));

function fill(form, address) {
  form.action = address;
  form.dataset.outbox = address;
  form.elements.at.value = "";
  form.elements.client_id.value = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  delete form.elements.client_id.dataset.said;
  for (const button of form.querySelectorAll("[type=submit]")) button.disabled = false; // one may be on its way yet
}

// ---- photos: made small here, so that they go through a thin connection and wait in the outbox

document.addEventListener("change", async ({ target }) => {
  const address = target.dataset?.photo;
  const [file] = target.files ?? [];
  if (!address || !file) return;
  const form = document.getElementById("photo");
  try {
    fill(form, address);
    form.elements.at.value = cityTime();
    form.elements.picture.value = await small(file);
    form.requestSubmit();
  } catch {
    say(words.photo, "error");
  }
  form.elements.picture.value = "";
  target.value = "";
});

// ---- what changes in the city

function refresh() {
  document.body.dispatchEvent(new CustomEvent("dure:changed", { detail: { numbers: [] } }));
}

async function ask() {
  if (document.hidden || !navigator.onLine || "kept" in document.documentElement.dataset) return;
  try {
    const answer = await fetch(page().dataset.ask, { headers: { Accept: "application/json" } });
    if (answer.redirected || !answer.ok) return;
    const { version } = await answer.json();
    if (version !== (page().dataset.version ?? "")) refresh();
  } catch {
    // no connection: it is asked again
  }
}

const isHeld = () => held || document.querySelector("dialog[open]") !== null;

document.addEventListener("pointerdown", ({ target }) => (held = page().contains(target)), true);
for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, () => setTimeout(release, 50), true); // the click comes first
}

function release() {
  held = false;
  if (owed && !isHeld()) {
    owed = false;
    refresh();
  }
}
document.getElementById("could-not").addEventListener("close", release);

const unsent = () => new Set(waiting().map(({ id }) => id));

document.addEventListener("htmx:before:request", () => {
  const waits = unsent();
  askedWith = new Map([...pressed].filter(([, { id }]) => !waits.has(id)));
});
document.addEventListener("htmx:before:swap", (event) => {
  if (!isHeld()) return;
  owed = true;
  event.preventDefault();
});
document.addEventListener("htmx:after:swap", () => {
  // What the city had heard of before it was asked, its page says now; what was on its way then it may not know.
  for (const [stop, { id }] of askedWith) if (pressed.get(stop)?.id === id) pressed.delete(stop);
  const before = order;
  settle(page().querySelector("#next .stop"));
  show();
  order = openStops().join();
  if (before && order !== before) say(words.moved, "warning");
});

for (const entry of waiting()) note(entry);
show();
order = openStops().join();
setInterval(ask, ASK);
ask(); // this page may have been made before the last presses arrived
addEventListener("online", ask);
document.addEventListener("visibilitychange", ask);
