// SPDX-License-Identifier: Apache-2.0
// What the assistant offers while the agent types, and the call that is being heard.

const PAUSE = 250; // ms after the last key before the assistant is asked
const HEARS = 1_500; // ms between two looks at a call under way
const words = document.getElementById("desk-words")?.dataset ?? {};
const intake = document.getElementById("intake");
const hint = document.getElementById("hint");

// ---- what the assistant offers

let timer;
let asking;
let asked = "|"; // words and topic of the last question

function askSoon() {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
}

async function ask() {
  const form = new FormData();
  for (const name of ["csrfmiddlewaretoken", "text", "topic", "lon", "lat"]) form.set(name, intake.elements[name]?.value ?? "");
  const now = `${form.get("text").trim()}|${form.get("topic")}`;
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

if (intake) {
  intake.elements.text.addEventListener("input", askSoon);
  intake.addEventListener("change", ({ target }) => {
    if (target.name === "topic") departmentOfTopic();
    mark();
    askSoon();
  });
  if (intake.dataset.lines) keepHearing();
  askSoon(); // a draft may have been restored
}
mark();
