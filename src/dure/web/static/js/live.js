// SPDX-License-Identifier: Apache-2.0
// Turns the server's "these cases changed" into an event on the body; htmx parts of the page wait for it:
//   <section id="list" hx-get="…" hx-trigger="dure:changed from:body" hx-select="#list" hx-swap="outerMorph">
// The stream begins at the newest event that the page knows of and goes on there after it was cut off. The parts are
// asked for, too, when the page has grown old or is looked at again: time passes although nothing happens.

const AGAIN = 5_000; // after an answer that was of no use
const DEAF = 40_000; // the server says every 15 s that it is there; a phone may lose it without hearing of it
const OLD = 300_000; // city time after which what a page says of today is asked for again
const ASLEEP = 60_000; // a page that is looked at again after this long is asked for at once
const GONE = [401, 403, 404, 410];
const missing = new Set(); // why the page may be behind: "stream", "answer"
let freshAt = Date.now();
let again;

export function listen() {
  keepWhatStands();
  const address = document.body.dataset.live;
  if (!address || !document.querySelector("[hx-trigger*='dure:changed']")) return;
  let stream;
  let retry;
  let heardAt = Date.now();
  let newest = document.body.dataset.newest;
  const heard = () => {
    heardAt = Date.now();
    document.documentElement.dataset.live = "on";
  };
  // A browser lets a page have six connections to a city in all, and one that nobody looks at would hold one of them.
  const close = () => {
    stream?.close();
    clearTimeout(retry);
    document.documentElement.dataset.live = "off";
  };
  const open = () => {
    close();
    heardAt = Date.now();
    stream = new EventSource(`${address}?after=${newest}`);
    stream.addEventListener("cases", (event) => {
      heard();
      newest = event.lastEventId;
      tell(JSON.parse(event.data));
    });
    stream.addEventListener("alive", (event) => {
      heard();
      newest = event.lastEventId || newest;
    });
    stream.addEventListener("open", () => {
      heard();
      if (lacks("stream", false)) tell([]);
    });
    stream.addEventListener("error", () => {
      document.documentElement.dataset.live = "off";
      lacks("stream", true);
      if (stream.readyState !== EventSource.CLOSED) return;
      clearTimeout(retry);
      retry = setTimeout(open, 3 * AGAIN);
      tell([]); // the session may be over: its answer says so
    });
  };
  const look = (oldest) => {
    if (document.hidden) return;
    if (age(heardAt) > DEAF) {
      lacks("stream", true);
      open();
    }
    if (age(freshAt) > oldest) tell([]);
  };
  if (!document.hidden) open();
  const speed = Number(document.getElementById("city-clock")?.dataset.speed || 1);
  setInterval(look, AGAIN, Math.max(4 * AGAIN, OLD / speed));
  addEventListener("pagehide", close);
  addEventListener("pageshow", ({ persisted }) => persisted && open());
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return close();
    open();
    look(ASLEEP);
  });
}

// Of the wall's clock: the other one stands still while a phone sleeps.
function age(then) {
  return Math.abs(Date.now() - then);
}

function tell(numbers) {
  const here = document.querySelector("[data-case]")?.dataset.case;
  if (here && numbers.length && !numbers.includes(here)) return;
  document.body.dispatchEvent(new CustomEvent("dure:changed", { detail: { numbers } }));
}

// The page says that it may be behind, as long as it may; whether it already did for this reason.
function lacks(reason, yes) {
  const before = missing.has(reason);
  if (yes) missing.add(reason);
  else missing.delete(reason);
  const words = document.getElementById("not-fresh");
  if (words) words.hidden = missing.size === 0;
  return before;
}

// An answer without the part that was asked for (the city is busy, the session is over) takes nothing off the page:
// an empty page would say that nobody waits. It is asked for again, and the page says so meanwhile. An answer for
// somebody else, or in another language, is not for this page: that gives way as a whole, but not under what is typed.
function keepWhatStands() {
  const { shell } = document.body.dataset;
  const fresh = (yes) => {
    if (yes) freshAt = Date.now();
    lacks("answer", !yes);
    clearTimeout(again);
    again = yes ? undefined : setTimeout(() => tell([]), AGAIN);
  };
  document.addEventListener("htmx:after:request", (event) => {
    const { select, text, response, sourceElement, request } = event.detail.ctx;
    if (!select) return;
    const there = text.includes(`id="${select.slice(1)}"`);
    const ours = !there || !shell || text.includes(`data-shell="${shell}"`);
    const late = sourceElement.matches(select) && request.method === "GET" && !sameAddress(sourceElement.getAttribute("hx-get"), request.action);
    if (!there || !ours || late) event.preventDefault();
    if (request.method !== "GET") return lacks("answer", !there);
    if (late) return tell([]); // what is asked for is another thing by now
    const over = !there && response.raw.redirected; // to the sign-in, behind which drafts are found again
    const elsewhere = over || !ours || (!there && GONE.includes(response.status));
    if (elsewhere && !isTyped(document, over ? ":not([data-outbox])" : "")) location.reload();
    fresh(there && ours);
  });
  document.addEventListener("htmx:error", () => fresh(false));
  document.addEventListener("htmx:before:swap", ({ detail }) => {
    for (const task of [...detail.tasks]) {
      const part = typeof task.target === "string" ? document.querySelector(task.target) : task.target;
      if (part && isTyped(part)) detail.tasks.splice(detail.tasks.indexOf(task), 1);
      else if (part) stayUnfolded(part, task.fragment);
    }
  });
}

function sameAddress(one, other) {
  return new URL(one, location.href).href === new URL(other, location.href).href;
}

// What somebody has unfolded stays so.
function stayUnfolded(part, fragment) {
  const key = (one) => one.id || `${one.closest("[aria-labelledby]")?.getAttribute("aria-labelledby")} ${one.querySelector("summary")?.textContent}`;
  const open = new Set([...part.querySelectorAll("details[open]")].map(key));
  for (const one of fragment?.querySelectorAll("details") ?? []) if (open.has(key(one))) one.open = true;
}

/** Whether a form that changes something is being filled in, or holds what the page did not come with. */
export function isTyped(part, those = "") {
  const forms = [...part.querySelectorAll("form[method=post]")];
  const inHand = (form) => document.activeElement?.form === form && document.activeElement.matches("input, select, textarea");
  return forms.some((form) => inHand(form) || (form.matches(`form${those}`) && [...form.elements].some(isChanged)));
}

/** Whether somebody gave this control another value than the page came with. */
export function isChanged(control) {
  if (!control.matches("input:not([type=hidden]), select, textarea")) return false;
  if (control.matches("[type=radio], [type=checkbox]")) return control.checked !== control.defaultChecked;
  if (!control.matches("select")) return control.value !== control.defaultValue;
  const options = [...control.options];
  return control.value !== (options.find((option) => option.defaultSelected) ?? options[0])?.value;
}
