// SPDX-License-Identifier: Apache-2.0
// Turns the server's "these cases changed" into an event on the body; htmx parts of the page wait for it:
//   <section hx-get="…" hx-trigger="dure:changed from:body" hx-select="#list" hx-swap="outerMorph">
// A page without the stream stays right when reloaded, so losing it is quiet: the browser tries again by itself.

export function listen() {
  const address = document.body.dataset.live;
  if (!address || !document.querySelector("[hx-trigger*='dure:changed']")) return;
  let stream;
  let missed = false;
  const open = () => {
    stream = new EventSource(address);
    stream.addEventListener("cases", (event) => tell(JSON.parse(event.data)));
    stream.addEventListener("open", () => {
      document.documentElement.dataset.live = "on";
      if (missed) tell([]);
      missed = false;
    });
    stream.addEventListener("error", () => {
      missed = true;
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
