// SPDX-License-Identifier: Apache-2.0
// What the assistant offers while the agent types, where the thing is, and the call that is being heard.

import { say } from "../js/outbox.js";
import { closePlaceMap, openPlaceMap, showPlaceOn } from "./place.js";

const PAUSE = 250; // ms after the last key before the assistant is asked
const HEARS = 1_500; // ms between two looks at a call under way
const words = document.getElementById("desk-words")?.dataset ?? {};
const intake = document.getElementById("intake");
const hint = document.getElementById("hint");

// ---- what the assistant offers

let timer;
let asking;
const ASKED = ["text", "topic", "area", "lon", "lat"];
let asked = ASKED.map(() => "").join("|"); // in the last question

function askSoon() {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
}

async function ask() {
  const form = new FormData();
  for (const name of ["csrfmiddlewaretoken", ...ASKED]) form.set(name, intake.elements[name].value.trim());
  const now = ASKED.map((name) => form.get(name)).join("|");
  if (now === asked) return;
  asking?.abort(); // only what stands there now is worth an answer
  asking = new AbortController();
  hint.dataset.old = "";
  try {
    const answer = await fetch(intake.dataset.suggest, { method: "POST", body: form, signal: asking.signal });
    if (!answer.ok || answer.redirected) return;
    hint.innerHTML = await answer.text();
    delete hint.dataset.old;
    asked = now;
    mark();
    showPlace();
    document.getElementById("hint-says").textContent = words.fresh;
  } catch {
    // no connection, or a newer question: what was typed is kept by the outbox, and it is asked again with the next key
  }
}

// One press uses a suggestion; the same press again takes it back.
function use(button) {
  const { use: name, value } = button.dataset;
  const form = intake ?? document.getElementById("choose");
  const control = form?.elements[name];
  if (!control) return;
  control.value = control.value === value ? "" : value;
  control.dispatchEvent(new Event("input", { bubbles: true }));
  control.dispatchEvent(new Event("change", { bubbles: true }));
  if (!intake) form.requestSubmit();
}

function mark() {
  for (const button of hint?.querySelectorAll("[data-use]") ?? []) {
    const control = (intake ?? document.getElementById("choose"))?.elements[button.dataset.use];
    if (control) button.setAttribute("aria-pressed", String(control.value === button.dataset.value));
  }
  const joining = document.getElementById("joining");
  if (!joining) return;
  const number = intake.elements.joins.value;
  joining.hidden = !number;
  joining.querySelector("b").textContent = number;
}

// A topic has its department: who chooses the one has chosen the other, until they choose otherwise.
function departmentOfTopic() {
  const of = intake.elements.topic.selectedOptions[0]?.dataset.department;
  if (of) intake.elements.department.value = of;
}

function quote(button) {
  const answer = document.getElementById("answer-text");
  const text = button.closest("li").querySelector(".hint__text").textContent.trim();
  if (!answer) return;
  answer.value = answer.value.trim() ? `${answer.value.trimEnd()}\n\n${text}` : text;
  answer.dispatchEvent(new Event("input", { bubbles: true }));
  answer.closest("details")?.setAttribute("open", "");
  answer.focus();
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-use], [data-quote], [data-template]");
  if (!button) return;
  if ("use" in button.dataset) use(button);
  else quoteOrFill(button);
});

function quoteOrFill(button) {
  if ("quote" in button.dataset) return quote(button);
  const answer = document.getElementById("answer-text");
  answer.value = button.dataset.template;
  answer.dispatchEvent(new Event("input", { bubbles: true }));
  answer.focus();
}

// ---- where: a point on the map, which says the area, or the area that somebody names

function setPlace(lon, lat) {
  const { elements } = intake;
  [elements.lon.value, elements.lat.value] = [lon, lat];
  elements.lon.dispatchEvent(new Event("input", { bubbles: true })); // the outbox keeps it
  showPlace();
  askSoon();
}

function showPlace() {
  const { lon, area } = intake.elements;
  const place = document.getElementById("place");
  place.hidden = !lon.value;
  if (!lon.value) return;
  const { area: code, name } = hint.querySelector("[data-place]")?.dataset ?? {};
  place.querySelector("b").textContent = name ?? "";
  if ([...area.options].some(({ value }) => value === code)) area.value = code;
}

// Whoever has chosen an area, or a point, is not corrected by a word.
function areaOfWords() {
  const { area, address, text, lon } = intake.elements;
  if (lon.value || (area.value && area.dataset.by !== "words")) return;
  const said = `${address.value}\n${text.value}`;
  const named = [...area.options].filter((one) => one.value && said.includes(one.text)).sort((one, other) => other.text.length - one.text.length);
  area.value = named[0]?.value ?? "";
  area.dataset.by = "words";
}

function openMap() {
  const { lon, lat, area } = intake.elements;
  openPlaceMap(lon.value ? [Number(lon.value), Number(lat.value)] : null, area.value).catch(() => say(words.nowhere, "warning"));
}

document.addEventListener("click", ({ target }) => {
  const pressed = target.closest?.("[data-map], [data-this-place], [data-no-place]")?.dataset;
  if (!pressed || !intake) return;
  if ("map" in pressed) openMap();
  else if ("noPlace" in pressed) setPlace("", "");
  else setPlace(...closePlaceMap().map((degrees) => degrees.toFixed(6)));
});

// ---- a call that is being heard: what the citizen says is written below what stands there, never over it; what comes
// late stands before what was said after it, as long as that stands there still

async function hear() {
  if (document.hidden || !navigator.onLine) return true;
  const answer = await fetch(`${intake.dataset.lines}?after=${intake.dataset.heard}`, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return true;
  const { lines, heard, ended } = await answer.json();
  intake.dataset.heard = heard;
  const said = lines.filter(({ who }) => who === "citizen");
  for (const line of said) write(line);
  if (said.length) intake.elements.text.dispatchEvent(new Event("input", { bubbles: true }));
  return !ended;
}

function write({ text: line, before }) {
  const { text } = intake.elements;
  const { selectionStart, selectionEnd } = text;
  const at = before ? text.value.lastIndexOf(`${before}\n`) : -1;
  if (at >= 0) return text.setRangeText(`${line}\n`, at, at, "preserve");
  text.value = `${text.value}${text.value && !text.value.endsWith("\n") ? "\n" : ""}${line}\n`;
  text.setSelectionRange(selectionStart, selectionEnd);
}

async function keepHearing() {
  if (await hear()) setTimeout(keepHearing, HEARS);
}

// ---- the working page brings itself up to date (js/live.js). Under an answer that is being written it stays as it is, so
// the page says that the citizen has said more: the answer goes with the version that was read.

function tellNewWords() {
  const said = document.getElementById("case-words")?.dataset.version;
  const more = document.getElementById("said-more");
  if (more) more.hidden = more.closest("form").elements.version.value === said;
}

function haveRead({ form }) {
  form.elements.version.value = document.getElementById("case-words").dataset.version;
  form.elements.draft?.remove(); // it was made of fewer words
  form.elements.text.dispatchEvent(new Event("input", { bubbles: true }));
  tellNewWords();
  form.elements.text.focus();
}

document.addEventListener("click", ({ target }) => target.closest?.("[data-read]") && haveRead(target.closest("[data-read]")));
document.addEventListener("htmx:after:swap", () => {
  mark();
  tellNewWords();
});

if (intake) {
  intake.addEventListener("input", ({ target }) => {
    if (!["text", "address"].includes(target.name)) return;
    areaOfWords();
    askSoon();
  });
  intake.addEventListener("change", ({ target }) => {
    if (target.name === "topic") departmentOfTopic();
    if (target.name === "area") target.dataset.by = "hand";
    mark();
    askSoon();
  });
  if (intake.dataset.lines) keepHearing();
  intake.querySelector("[data-map]").hidden = false;
  showPlace();
  areaOfWords();
  askSoon(); // a draft may have been restored
}
mark();
tellNewWords();
const shown = document.getElementById("shown-place");
if (shown) showPlaceOn(shown);
