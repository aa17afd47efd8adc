// SPDX-License-Identifier: Apache-2.0
// What every page does: the city's clock, the scheme switch, menus and dialogs, live signals, the outbox.

import { isTyped, listen } from "./live.js";
import { say, startOutbox } from "./outbox.js";

const root = document.documentElement;

function runClock() {
  const face = document.getElementById("city-clock");
  if (!face || "kept" in root.dataset) return; // a kept page stands at the time it is of
  const { now, speed } = face.dataset;
  const began = Date.now(); // the other clock stands still while a phone sleeps
  const format = (options, language = "en-GB") => new Intl.DateTimeFormat(language, { timeZone: "Asia/Seoul", ...options });
  const time = format({ hour: "2-digit", minute: "2-digit" });
  const date = format({ month: "short", day: "numeric", weekday: "short" }, root.lang);
  const day = face.parentElement.querySelector(".bar__date");
  const madeOn = date.format(now * 1000);
  const show = () => {
    const moment = now * 1000 + (Date.now() - began) * speed;
    face.textContent = time.format(moment);
    if (date.format(moment) !== madeOn) day.textContent = `${date.format(moment)} `;
  };
  show();
  setInterval(show, 1000);
}

function switchScheme() {
  const button = document.getElementById("scheme");
  button.hidden = false;
  button.addEventListener("click", () => {
    const dark = root.dataset.scheme ? root.dataset.scheme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.scheme = dark ? "light" : "dark";
    localStorage.setItem("dure.scheme", root.dataset.scheme);
    document.dispatchEvent(new CustomEvent("dure:scheme"));
  });
}

function openAndClose() {
  document.addEventListener("click", (event) => {
    const { opens, closes } = event.target.closest?.("[data-opens], [data-closes]")?.dataset ?? {};
    if (opens) document.getElementById(opens).showModal();
    if (closes) document.getElementById(closes).close();
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.activeElement?.closest("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}

// A link to a folded part of this page unfolds it and puts the cursor where writing begins.
function unfold() {
  const part = location.hash && document.getElementById(location.hash.slice(1));
  if (part?.tagName !== "DETAILS") return;
  part.open = true;
  part.scrollIntoView({ block: "center" });
  part.querySelector("input:not([type=hidden]), select, textarea")?.focus({ preventScroll: true });
}

// A page kept on the phone must say that it is one, and gives way to the real one as soon as it can.
function tellConnection() {
  const words = document.getElementById("no-connection");
  if (words) words.hidden = navigator.onLine && !("kept" in root.dataset);
}

// Not under somebody's fingers: what they type is sent by the outbox, and then the page is new anyway.
async function giveWay() {
  if (!("kept" in root.dataset) || isTyped(document, ":not([data-outbox])")) return;
  if (await answers()) location.reload();
}

function answers() {
  return fetch("/offline/", { method: "HEAD", cache: "no-store" }).then(({ ok }) => ok, () => false);
}

// What is pressed twice is sent once: a form that is on its way is not sent again until the page is shown anew. Without
// a connection it stays where it is, with what was typed: these forms do not wait in the outbox.
function sendOnce() {
  let underway = new WeakSet();
  const reached = new WeakSet(); // a machine may think itself cut off that reaches the city on itself
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (underway.has(form)) return event.preventDefault();
    if ((!navigator.onLine || "kept" in root.dataset) && !reached.delete(form)) {
      event.preventDefault();
      return answers().then((there) => {
        if (!there) return say(document.getElementById("words").dataset.cut, "warning");
        reached.add(form);
        form.requestSubmit(event.submitter);
      });
    }
    underway.add(form);
    setTimeout(() => underway.delete(form), 20_000); // it was stopped, or came to nothing
  });
  addEventListener("pageshow", () => (underway = new WeakSet()));
}

addEventListener("online", tellConnection);
addEventListener("online", giveWay);
if ("kept" in root.dataset) setInterval(giveWay, 5_000);
addEventListener("offline", tellConnection);
addEventListener("hashchange", unfold);
document.addEventListener("click", ({ target }) => {
  const link = target.closest?.("a[href^='#']");
  if (link && link.hash === location.hash) unfold();
});

tellConnection();
unfold();
runClock();
switchScheme();
openAndClose();
listen();
startOutbox();
sendOnce();
if (document.body.dataset.user && "serviceWorker" in navigator) {
  navigator.serviceWorker.register(document.getElementById("words").dataset.worker);
}
