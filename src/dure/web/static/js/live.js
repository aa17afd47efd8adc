// SPDX-License-Identifier: Apache-2.0
// Turns the server's "these cases changed" into an event on the body; htmx parts of the page wait for it:
//   <section id="list" hx-get="…" hx-trigger="dure:changed from:body" hx-select="#list" hx-swap="outerMorph">
// The stream begins at the newest event that the page knows of and goes on there after it was cut off.

const AGAIN = 5_000;

export function listen() {
  keepWhatStands();
  const address = document.body.dataset.live;
  if (!address || !document.querySelector("[hx-trigger*='dure:changed']")) return;
  let stream;
  let newest = document.body.dataset.newest;
  const open = () => {
    stream = new EventSource(`${address}?after=${newest}`);
    stream.addEventListener("cases", (event) => {
      newest = event.lastEventId;
      tell(JSON.parse(event.data));
    });
    stream.addEventListener("open", () => (document.documentElement.dataset.live = "on"));
    stream.addEventListener("error", () => {
      document.documentElement.dataset.live = "off";
      if (stream.readyState === EventSource.CLOSED) setTimeout(open, 15_000);
    });
  };
  open();
  addEventListener("pagehide", () => stream.close());
  addEventListener("pageshow", (event) => event.persisted && open());
}

function tell(numbers) {
  const here = document.querySelector("[data-case]")?.dataset.case;
  if (here && numbers.length && !numbers.includes(here)) return;
  document.body.dispatchEvent(new CustomEvent("dure:changed", { detail: { numbers } }));
}

// An answer without the part that was asked for (the city is busy, the session is over) takes nothing off the page:
// an empty page would say that nobody waits. It is asked for again, and the page says so meanwhile.
function keepWhatStands() {
  let again;
  const fresh = (yes) => {
    document.getElementById("not-fresh").hidden = yes;
    clearTimeout(again);
    again = yes ? undefined : setTimeout(() => tell([]), AGAIN);
  };
  document.addEventListener("htmx:after:request", (event) => {
    const { select, text, response } = event.detail.ctx;
    if (!select) return;
    const there = text.includes(`id="${select.slice(1)}"`);
    if (!there) event.preventDefault();
    if (!there && response.raw.redirected && !document.activeElement?.form) location.reload(); // to the sign-in
    fresh(there);
  });
  document.addEventListener("htmx:error", () => fresh(false));
}
