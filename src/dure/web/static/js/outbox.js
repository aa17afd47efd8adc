// SPDX-License-Identifier: Apache-2.0
// Nothing typed on the road is lost. A form with data-outbox keeps a draft while it is typed; when it cannot be sent
// it waits here and is sent once, with the client_id it was born with, as soon as there is a connection again.
// What is kept belongs to the user who typed it, is taken from nobody else (header Dure-User), and is gone after signing
// out or when somebody else signs in.

import { isChanged } from "./live.js";

const KEPT = "dure.outbox";
const DRAFTS = "dure.draft.";
const SENT = "dure.sent";
const SLOW = 1_500;
const PATIENCE = 30_000;
const AWAY = [429, 502, 503, 504];
const words = () => document.getElementById("words").dataset;
const user = () => document.body.dataset.user;
const read = () => JSON.parse(localStorage.getItem(KEPT) ?? "[]");
const write = (entries) => localStorage.setItem(KEPT, JSON.stringify(entries));
const draftKey = (form) => `${DRAFTS}${user()}.${form.dataset.outbox || form.getAttribute("action")}`;

export function startOutbox() {
  if (!user()) return;
  write(read().filter((entry) => entry.user === user()));
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(DRAFTS) && !key.startsWith(`${DRAFTS}${user()}.`)) localStorage.removeItem(key);
  }
  for (const form of document.querySelectorAll("form[data-outbox]")) {
    restore(form);
    if ([...form.elements].some(isChanged)) keepDraft(form); // also what was typed before this script listened
  }
  document.addEventListener("input", ({ target }) => target.form?.matches("[data-outbox]") && keepDraft(target.form));
  document.addEventListener("submit", onSubmit);
  addEventListener("online", () => flush());
  document.addEventListener("visibilitychange", () => document.hidden || flush());
  setInterval(() => flush(), 20_000);
  forgetWhenSigningOut();
  if (sessionStorage.getItem(SENT)) say(sessionStorage.getItem(SENT));
  sessionStorage.removeItem(SENT);
  flush();
}

async function forget() {
  for (const key of Object.keys(localStorage)) {
    if (key === KEPT || key.startsWith(DRAFTS)) localStorage.removeItem(key);
  }
  if (window.caches) await caches.delete("dure-pages"); // js/worker.js; its other cache names nobody
}

function typed(form) {
  const fields = [...new FormData(form)].filter(([name, value]) => typeof value === "string");
  return fields.filter(([name]) => name !== "csrfmiddlewaretoken");
}

const said = (fields) => JSON.stringify(fields.filter(([name]) => name !== "client_id"));

function keepDraft(form) {
  localStorage.setItem(draftKey(form), JSON.stringify(typed(form)));
}

function restore(form) {
  const draft = JSON.parse(localStorage.getItem(draftKey(form)) ?? "null");
  if (!draft) return;
  let changed = false;
  for (const [name, value] of draft) {
    for (const control of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (control.type === "radio" || control.type === "checkbox") control.checked = control.value === value;
      else if (!isChanged(control)) control.value = value;
      changed ||= control.type !== "hidden" && Boolean(value);
    }
  }
  if (!changed) return;
  form.elements.client_id.dataset.said = said(draft);
  form.closest("details")?.setAttribute("open", "");
  say(words().draft, "", form);
}

async function onSubmit(event) {
  const form = event.target;
  if (!form.matches("[data-outbox]")) return;
  const fields = typed(form);
  if (event.submitter?.name) fields.push([event.submitter.name, event.submitter.value]);
  try {
    put({ user: user(), url: form.action, fields, draft: draftKey(form) }, form);
  } catch {
    return; // no room to keep it: it goes as it would without us
  }
  event.preventDefault();
  for (const button of form.querySelectorAll("[type=submit]")) button.disabled = true;
  const slow = setTimeout(() => say(words().sending), SLOW);
  const leaves = await flush();
  clearTimeout(slow);
  if (!leaves) for (const button of form.querySelectorAll("[type=submit]")) button.disabled = false;
}

// One number names one saying: who says another thing while the first waits, or after it was sent from elsewhere, gives
// it another number, or the city would take it for the first one again.
function put(entry, form) {
  const number = form.elements.client_id;
  const words = said(entry.fields);
  if (read().some(({ draft, fields }) => draft === entry.draft && said(fields) === words)) return;
  if (number.dataset.said && number.dataset.said !== words) {
    number.value = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    if (localStorage.getItem(entry.draft)) keepDraft(form);
  }
  number.dataset.said = words;
  entry.id = number.value;
  entry.fields = entry.fields.map(([name, value]) => [name, name === "client_id" ? entry.id : value]);
  write([...read(), entry]);
  tell("kept", entry);
}

/** What is pressed and not yet sent, the oldest first. */
export const waiting = read;

// What becomes of an entry: "kept", then "taken" or "refused". A page that goes on by itself (forms with data-stays)
// hears of it on the document.
function tell(state, entry) {
  document.dispatchEvent(new CustomEvent("dure:outbox", { detail: { state, entry } }));
}

let sending = Promise.resolve();
/** Send what waits, in order; what was typed on this page and is taken leads on to its answer: then true. */
function flush() {
  const turn = sending.then(async () => {
    let next = "";
    for (const entry of read()) {
      const answer = await send(entry);
      if (!answer) break;
      if (!answer.ok || !document.querySelector(`form:not([data-stays]) [name=client_id][value="${CSS.escape(entry.id)}"]`)) continue;
      next = answer.url;
      sessionStorage.setItem(SENT, entry.waited ? words().sent : (await toast(answer)) || words().saved); // said there
    }
    if (next) location.assign(next);
    return Boolean(next);
  });
  sending = turn.catch(() => undefined);
  return turn;
}

// What the page that came said of it: the page that is opened next will not say it again.
async function toast(answer) {
  return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".toasts p")?.textContent.trim();
}

async function send(entry) {
  const body = new URLSearchParams(entry.fields);
  const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
  if (!token) return wait(entry, words().signin);
  const headers = { "X-CSRFToken": token, "Dure-User": entry.user };
  let answer;
  try {
    answer = await fetch(entry.url, { method: "POST", body, headers, signal: AbortSignal.timeout(PATIENCE) });
  } catch {
    return wait(entry, words().kept);
  }
  if (answer.status >= 500 || answer.status === 429) {
    wait(entry, words().kept);
    return AWAY.includes(answer.status) ? null : answer; // what breaks the city is not to hold up the others
  }
  if (answer.redirected && new URL(answer.url).pathname.includes("/login/")) return wait(entry, words().signin);
  if (answer.headers.get("Dure-Refused") === "reader") return wait(entry, words().other);
  write(read().filter((other) => other.id !== entry.id));
  tell(answer.ok ? "taken" : "refused", entry);
  if (answer.ok) {
    localStorage.removeItem(entry.draft);
    say(words().sent);
  } else {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    say(page.querySelector(".field__error, .state--error h1")?.textContent.trim() || words().refused, "error");
  }
  return answer;
}

function wait(entry, text) {
  write(read().map((other) => (other.id === entry.id ? { ...other, waited: true } : other)));
  say(text, "warning");
  return null;
}

export function say(text, kind = "", before = null) {
  document.querySelector(".toast[data-outbox-says]")?.remove();
  const toast = document.createElement("p");
  toast.className = `toast outbox${kind ? ` toast--${kind}` : ""}`;
  toast.dataset.outboxSays = kind || "good";
  toast.setAttribute("role", "status");
  toast.textContent = text;
  if (before) before.prepend(toast);
  else document.querySelector("main .page").append(toast);
  if (!kind && !before) setTimeout(() => toast.remove(), 8_000); // nothing is to be done about it, and it lies over the page
}

// A session that ran out keeps what waits for its user; only a person who signs out leaves nothing behind.
function forgetWhenSigningOut() {
  const form = document.querySelector("form[data-signs-out]");
  if (!form) return;
  const warning = document.querySelector("p[data-unsent]");
  warning.textContent = words().unsent;
  warning.hidden = read().length === 0;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await forget();
    form.submit();
  });
}
