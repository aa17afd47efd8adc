// SPDX-License-Identifier: Apache-2.0
// The citizen's form. Nothing typed is lost: words, place and photos are kept on this device for a day at most, a name
// or a telephone number no longer than this tab lives. What cannot be sent waits here and is sent once, with the number
// (client_id) it was born with. While somebody types the city is asked what it may be about; numbers stay here.

import { say } from "../js/outbox.js";
import { small } from "../js/photo.js";
import { closePlaceMap, openPlaceMap } from "./place.js";

const KEY = "dure.complain.";
const [DRAFT, PICTURES, WAITING] = ["draft", "pictures", "waiting"].map((name) => KEY + name); // in localStorage
const [CONTACT, RECEIPT] = ["contact", "receipt"].map((name) => KEY + name); // in sessionStorage: gone with the tab
const DAY = 24 * 3_600_000;
const PERSONAL = ["name", "phone", "email", "consent"];
const NOT_KEPT = ["csrfmiddlewaretoken", "picture", "photo", "language"];
const PAUSE = 350; // ms without a key before the city is asked
const AGAIN = 20_000;
const PATIENCE = 30_000;
const MOST_PHOTOS = 5;

const byId = (id) => document.getElementById(id);
const words = () => byId("complain-words").dataset;
const form = () => byId("complain");
let pictures = [];
let timer = 0;
let sending = false;
let waiting = null; // what is to be sent; also on this device, where there is room

// ---- what is kept on this device

function read(store, key) {
  const kept = JSON.parse(store.getItem(key) ?? "null");
  if (kept && Date.now() - kept.at < DAY) return kept.value;
  store.removeItem(key);
  return null;
}

function keep(store, key, value) {
  try {
    store.setItem(key, JSON.stringify({ at: Date.now(), value }));
    return true;
  } catch {
    return false; // the device is full: what is on the page stays on the page
  }
}

function forgetDraft() {
  for (const key of [DRAFT, PICTURES]) localStorage.removeItem(key);
  sessionStorage.removeItem(CONTACT);
}

const fields = () => [...new FormData(form())].filter(([name, value]) => typeof value === "string" && !NOT_KEPT.includes(name));

function keepDraft() {
  keep(localStorage, DRAFT, fields().filter(([name]) => !PERSONAL.includes(name)));
  keep(sessionStorage, CONTACT, fields().filter(([name]) => PERSONAL.includes(name)));
}

function fill(pairs) {
  for (const [name, value] of pairs) {
    const found = form().elements[name];
    if (!found || name === "picture") continue;
    for (const one of found instanceof RadioNodeList ? found : [found]) {
      if (one.type === "radio" || one.type === "checkbox") one.checked ||= one.value === value;
      else one.value = value;
    }
  }
}

const freshId = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// ---- a form that has just come, empty or as the city gave it back

function begin() {
  for (const one of document.querySelectorAll("[data-script]")) one.hidden = false;
  if (!form()) return;
  form().elements.join.value = "";
  const draft = read(localStorage, DRAFT);
  const contact = read(sessionStorage, CONTACT);
  pictures = read(localStorage, PICTURES) ?? pictures;
  if (!form().querySelector(".field__error")) {
    if (!draft) form().elements.client_id.value = freshId(); // a page that was kept is used more than once
    if (draft) fill(draft);
    if (contact) fill(contact);
    if (draft?.some(([name, value]) => name === "text" && value.trim())) say(words().restored);
  }
  if (contact?.some(([, value]) => value)) document.querySelector(".contact").open = true;
  showPictures(form());
  showTopic();
  showPlace();
  showReceipt();
  askAboutWords();
}

function showReceipt() {
  const receipt = read(sessionStorage, RECEIPT);
  byId("receipt").hidden = !receipt;
  if (!receipt) return;
  byId("receipt").querySelector("[data-number]").textContent = receipt.number;
  byId("receipt").querySelector("[data-pin]").textContent = receipt.pin;
}

// ---- topics, and what they ask besides

function showTopic() {
  const chosen = form().querySelector("[name=topic]:checked");
  byId("chosen").textContent = chosen.nextElementSibling.textContent;
  for (const more of form().querySelectorAll("[data-more]")) more.hidden = more.disabled = more.dataset.more !== chosen.value;
  for (const one of byId("suggested").querySelectorAll("button")) one.setAttribute("aria-pressed", String(one.dataset.topic === chosen.value));
  byId("place-need").textContent = "placed" in chosen.dataset ? words().need : words().free;
}

function suggest(codes) {
  const buttons = codes.map((code) => form().querySelector(`[name=topic][value="${CSS.escape(code)}"]`)).filter(Boolean).map((radio) => {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "button", textContent: radio.nextElementSibling.textContent });
    button.dataset.topic = radio.value;
    return button;
  });
  const place = byId("suggested").querySelector(".choices");
  if (!place.contains(document.activeElement)) place.replaceChildren(...buttons); // not under somebody's finger
  byId("suggested").hidden = !place.childElementCount;
}

function search(text) {
  const wanted = text.trim().toLowerCase();
  for (const label of byId("topics").querySelectorAll("label[data-words]")) {
    label.hidden = !`${label.textContent} ${label.dataset.words}`.toLowerCase().includes(wanted);
  }
  for (const group of byId("topics").querySelectorAll(".topics__group")) group.hidden = !group.querySelector("label:not([hidden])");
}

// ---- what the city says while somebody types

const isDanger = (text) => words().danger.split("|").some((word) => word && text.toLowerCase().includes(word));
const withoutNumbers = (text) => text.replace(/\S+@\S+/g, " ").replace(/\d[\d\s-]{5,}\d/g, " ");

function askSoon() {
  clearTimeout(timer);
  timer = setTimeout(askAboutWords, PAUSE);
}

async function ask(question) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": form().elements.csrfmiddlewaretoken.value };
  const answer = await fetch(form().dataset.hints, { method: "POST", headers, body: JSON.stringify(question) }).catch(() => null);
  return answer?.ok && form() ? answer.json() : null;
}

async function askAboutWords() {
  if (!form()) return; // it was sent meanwhile
  const text = form().elements.text.value;
  byId("danger").hidden = !isDanger(text);
  if (!text.trim()) return suggest([]);
  const said = await ask({ text: withoutNumbers(text) });
  if (!said || form().elements.text.value !== text) return; // they went on typing
  byId("danger").hidden = !said.danger && !isDanger(text);
  suggest(said.topics);
}

async function askAboutPlace() {
  const { lon, lat, topic } = Object.fromEntries(fields());
  if (!lon) return showNear([]);
  const said = await ask({ lon: Number(lon), lat: Number(lat), topic: topic ?? "" });
  if (!said || form().elements.lon.value !== lon || form().elements.topic.value !== (topic ?? "")) return;
  showNear(said.near);
  byId("place").querySelector("b").textContent = said.place || words().outside;
}

function showNear(near) {
  const rows = near.map(({ words: said, case: number }) => {
    const row = document.createElement("li");
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "button", textContent: words().metoo });
    button.dataset.join = number;
    row.append(Object.assign(document.createElement("span"), { textContent: said }), button);
    return row;
  });
  byId("near").querySelector("ul").replaceChildren(...rows);
  byId("near").hidden = !rows.length;
}

// ---- where

function setPlace(lon, lat) {
  form().elements.lon.value = lon === null ? "" : lon.toFixed(6);
  form().elements.lat.value = lat === null ? "" : lat.toFixed(6);
  keepDraft();
  showPlace();
}

function showPlace() {
  const marked = form().elements.lon.value !== "";
  byId("place").hidden = !marked;
  byId("place").querySelector("b").textContent = words().marked;
  form().elements.area.closest(".field").hidden = marked; // the place says it
  askAboutPlace();
}

function here() {
  const missed = () => say(words().nowhere, "warning");
  if (!navigator.geolocation) return missed();
  const found = ({ coords }) => setPlace(coords.longitude, coords.latitude);
  navigator.geolocation.getCurrentPosition(found, missed, { enableHighAccuracy: true, timeout: 15_000, maximumAge: 60_000 });
}

function openMap() {
  const { lon, lat } = form().elements;
  openPlaceMap(lon.value ? [Number(lon.value), Number(lat.value)] : null).catch(() => say(words().nowhere, "warning"));
}

// ---- photos

async function add(input) {
  const holder = input.form;
  for (const file of input.files) {
    if (pictures.length >= Number(holder.dataset.most ?? MOST_PHOTOS)) {
      say(words().full, "warning");
      break;
    }
    await small(file).then((picture) => pictures.push(picture), () => say(words().photo, "error"));
  }
  input.value = "";
  showPictures(holder);
  if (holder === form()) keep(localStorage, PICTURES, pictures);
}

function showPictures(holder) {
  const rows = pictures.map((picture, n) => {
    const row = document.createElement("li");
    const image = Object.assign(document.createElement("img"), { src: picture, alt: `${words().picture} ${n + 1}` });
    const hidden = Object.assign(document.createElement("input"), { type: "hidden", name: "picture", value: picture });
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button button--plain", textContent: words().remove });
    button.dataset.removes = n;
    row.append(image, hidden, button);
    return row;
  });
  holder.querySelector("[data-photos]").replaceChildren(...rows);
}

// ---- sending, once

function submit(event) {
  event.preventDefault();
  if (sending) return;
  const language = form().elements.language.value;
  waiting = [...fields(), ["language", language], ...pictures.map((picture) => ["picture", picture])];
  if (!keep(localStorage, WAITING, waiting)) {
    localStorage.removeItem(PICTURES); // they are in what is to be sent
    keep(localStorage, WAITING, waiting);
  }
  flush();
}

async function flush() {
  if (!waiting || sending || !form()) return;
  sending = true;
  form().setAttribute("aria-busy", "true");
  try {
    await settle(await post(waiting));
  } catch {
    showWaiting(true); // no connection: it is sent when there is one
  } finally {
    sending = false;
    form()?.removeAttribute("aria-busy");
  }
}

async function post(pairs, token = form().elements.csrfmiddlewaretoken.value, again = true) {
  const body = new FormData();
  for (const [name, value] of [...pairs, ["csrfmiddlewaretoken", token]]) body.append(name, value);
  const answer = await fetch(form().action, { method: "POST", body, signal: AbortSignal.timeout(PATIENCE) });
  if (answer.status !== 403 || !again) return answer;
  const fresh = parse(await (await fetch(form().action)).text()); // a page that was kept has an old token
  return post(pairs, fresh.querySelector("#complain [name=csrfmiddlewaretoken]").value, false);
}

async function settle(answer) {
  if (![200, 422, 429].includes(answer.status)) return showWaiting(true);
  const page = parse(await answer.text());
  waiting = null;
  localStorage.removeItem(WAITING);
  delete document.documentElement.dataset.kept; // this is the city's own word, not a page that was kept
  const done = page.getElementById("done");
  if (done) {
    forgetDraft();
    pictures = [];
    if (done.dataset.pin) keep(sessionStorage, RECEIPT, { number: done.dataset.number, pin: done.dataset.pin });
  }
  document.querySelector("main .page").replaceChildren(...page.querySelector("main .page").children);
  document.title = page.title;
  begin();
  const first = done ? document.querySelector("#done h1") : document.querySelector(".field__error, [aria-invalid]");
  first?.scrollIntoView({ block: "center" });
  (first?.closest(".field")?.querySelector("input, textarea, select") ?? first)?.focus({ preventScroll: true });
}

const parse = (text) => new DOMParser().parseFromString(text, "text/html");

function showWaiting(waits) {
  if (waits && byId("waiting").hidden) say(words().later, "warning");
  form().hidden = waits;
  byId("waiting").hidden = !waits;
  byId("stored").hidden = !read(localStorage, WAITING);
  byId("not-stored").hidden = !byId("stored").hidden;
}

function edit() {
  fill(waiting);
  pictures = waiting.filter(([name]) => name === "picture").map(([, picture]) => picture);
  waiting = null;
  localStorage.removeItem(WAITING);
  form().elements.client_id.value = freshId(); // the first may have arrived without our hearing of it: this is another
  showWaiting(false);
  showTopic();
  showPlace();
  showPictures(form());
  form().elements.text.focus();
}

function clear() {
  forgetDraft();
  pictures = [];
  location.reload();
}

// ---- pressing and typing

const PRESSED = {
  here, edit, clear,
  map: openMap,
  again: flush,
  print: () => print(),
  noPlace: () => setPlace(null, null),
  forget() {
    sessionStorage.removeItem(RECEIPT);
    showReceipt();
  },
  thisPlace() {
    setPlace(...closePlaceMap());
  },
  copy({ copy }) {
    const [good, bad] = [() => say(words().copied), () => say(words().notCopied, "warning")];
    if (navigator.clipboard) navigator.clipboard.writeText(copy).then(good, bad);
    else bad();
  },
  topic({ topic }) {
    form().querySelector(`[name=topic][value="${CSS.escape(topic)}"]`).click();
  },
  join({ join }) {
    form().elements.join.value = join;
    form().requestSubmit();
  },
  removes({ removes }, target) {
    const holder = target.form;
    pictures.splice(Number(removes), 1);
    showPictures(holder);
    if (holder === form()) keep(localStorage, PICTURES, pictures);
  },
};

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("button");
  const [name, act] = Object.entries(PRESSED).find(([one]) => one in (button?.dataset ?? {})) ?? [];
  if (name) act(button.dataset, button);
});
document.addEventListener("input", ({ target }) => {
  if (target.id === "topic-search") search(target.value);
  else if (target.form && target.form === form() && target.type !== "file") {
    keepDraft();
    if (target.name === "text") {
      byId("danger").hidden = !isDanger(target.value);
      askSoon();
    }
  }
});
document.addEventListener("change", ({ target }) => {
  if ("shrinks" in target.dataset) add(target);
  if (target.name === "topic" && target.form === form()) {
    showTopic();
    askAboutPlace();
  }
});
document.addEventListener("submit", (event) => event.target === form() && submit(event), true); // before page.js
addEventListener("online", flush);
document.addEventListener("visibilitychange", () => document.hidden || flush());
setInterval(flush, AGAIN);

// The page opens without a connection the next time, and after a reload in a cellar. It names nobody.
async function keepPage() {
  const { serviceWorker } = navigator;
  const ruled = new Promise((go) => serviceWorker.addEventListener("controllerchange", go, { once: true }));
  await serviceWorker.register(byId("words").dataset.worker);
  if (!serviceWorker.controller) await ruled;
  await fetch(location.href, { headers: { "HX-Request-Type": "full" } });
}

begin();
waiting = form() && read(localStorage, WAITING);
if (waiting) {
  showWaiting(true);
  flush();
}
if (form() && "serviceWorker" in navigator) keepPage().catch(() => {}); // without it the page works as long as it is open
