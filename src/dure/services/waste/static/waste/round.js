// SPDX-License-Identifier: Apache-2.0
// A round: its routes on the map, and changing it. Wherever a stop is dragged, and by the button beside it, the same
// dialog opens, which says what the change costs; only its own button makes it. Without this script it is a page.

import { cityMap, colour, extent, FONT, ground, letters, pressable, read, stepAside } from "../js/city_map.js";

const ASK = 10_000; // how often the city is asked whether the round has changed
const COLOURS = 12;
const AROUND = 0.003; // degrees
const holder = document.getElementById("map");
const dialog = document.getElementById("change");

// ---- the map

function layers() {
  const byTruck = ["match", ["get", "colour"], ...Array.from({ length: COLOURS }, (_, n) => [n + 1, colour(`route-${n + 1}`)]).flat(), colour("ink-soft")];
  const is = (kind) => ["==", ["get", "is"], kind];
  const label = { "text-field": ["get", "label"], "text-font": FONT };
  return [
    ...ground(),
    { id: "routes", type: "line", source: "routes", filter: is("route"), layout: { "line-join": "round" }, paint: { "line-color": byTruck, "line-width": 2.5, "line-opacity": 0.8 } },
    { id: "left", type: "circle", source: "routes", filter: is("left"), paint: { "circle-color": colour("paper"), "circle-radius": 5, "circle-stroke-color": colour("bad"), "circle-stroke-width": 2 } },
    {
      id: "stops",
      type: "circle",
      source: "routes",
      filter: is("stop"),
      paint: {
        "circle-color": byTruck,
        "circle-opacity": ["case", ["get", "over"], 0.35, 1],
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 11, 3, 14, 11],
        "circle-stroke-color": colour("paper"),
        "circle-stroke-width": 1,
      },
    },
    { id: "numbers", type: "symbol", source: "routes", filter: is("stop"), minzoom: 13, layout: { ...label, "text-size": 12, "text-allow-overlap": true }, paint: { "text-color": ["case", ["get", "over"], colour("ink"), colour("surface")] } },
    { id: "sites", type: "circle", source: "routes", filter: ["in", ["get", "is"], ["literal", ["depot", "tip"]]], paint: { "circle-color": colour("ink"), "circle-radius": 6, "circle-stroke-color": colour("paper"), "circle-stroke-width": 2 } },
    { id: "site-names", type: "symbol", source: "routes", filter: ["in", ["get", "is"], ["literal", ["depot", "tip"]]], layout: { ...label, "text-size": 12, "text-offset": [0, 1.3] }, paint: { "text-color": colour("ink"), "text-halo-color": colour("paper"), "text-halo-width": 2 } },
  ];
}

async function drawMap() {
  const [areas, first] = await Promise.all([read(holder.dataset.areas), read(holder.dataset.routes), letters("가나0123456789")]);
  let routes = first;
  const all = routes.features.length ? routes : areas;
  if (!all.features.length) {
    holder.dataset.drawn = "nothing";
    return;
  }
  const style = () => ({ sources: { areas: { type: "geojson", data: areas }, routes: { type: "geojson", data: routes } }, layers: layers() });
  const map = cityMap(holder, style, extent(all, AROUND), "routes");
  for (const layer of ["stops", "left"]) pressable(map, layer, ({ bin }) => show(bin));
  document.addEventListener("htmx:after:swap", async () => {
    routes = await read(holder.dataset.routes);
    map.getSource("routes")?.setData(routes);
  });
}

function show(code) {
  const row = document.getElementById(`stop-${code}`);
  const truck = row?.closest("details");
  if (truck) truck.open = true;
  (row ?? document.getElementById("left-out"))?.scrollIntoView({ block: "center" });
  row?.querySelector("[data-change]")?.focus({ preventScroll: true });
}

// ---- what a change costs, before it is made

async function part(address) {
  const answer = await fetch(address);
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.getElementById("bin") ?? page.querySelector("main .page");
}

async function ask(address) {
  if (!dialog.open) dialog.replaceChildren();
  const found = await part(address).catch(() => undefined);
  if (!found) return location.assign(address); // the page itself says what is wrong
  for (const closer of found.querySelectorAll("[data-closes]")) closer.hidden = false;
  dialog.replaceChildren(found);
  if (!dialog.open) dialog.showModal();
}

async function reckon(form) {
  const here = form.closest("#bin");
  const focus = document.activeElement?.id;
  const address = form.closest("dialog") ? dialog.dataset.address : location.pathname;
  const asked = new URLSearchParams(new FormData(form));
  here.setAttribute("aria-busy", "true");
  const found = await part(`${address}?${asked}`).catch(() => undefined);
  const stands = new URLSearchParams(new FormData(form)).toString() === asked.toString();
  if (!found || !stands) return here.removeAttribute("aria-busy"); // a newer choice is being asked about
  for (const closer of found.querySelectorAll("[data-closes]")) closer.hidden = !form.closest("dialog");
  here.replaceWith(found);
  if (focus) document.getElementById(focus)?.focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-change]");
  if (!link || !dialog || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  open(link.pathname);
});

function open(path, query = "") {
  dialog.dataset.address = path;
  ask(`${path}${query}`);
}

document.addEventListener("change", ({ target }) => {
  const form = target.closest?.("form[data-cost]");
  if (form) {
    if (target.id === "truck") form.querySelector("#position")?.replaceChildren(new Option("", ""));
    reckon(form);
  }
  if (target.matches?.("[form=chosen]")) count();
});

function count() {
  const many = document.querySelectorAll("[form=chosen]:checked").length;
  const said = document.getElementById("chosen-count");
  if (said) said.textContent = many ? `(${many})` : "";
}

// ---- dragging

let dragged;

const clear = () => document.querySelectorAll("[data-before], [data-after], [data-over]").forEach((one) => ["before", "after", "over"].forEach((name) => delete one.dataset[name]));

function target(event) {
  const row = event.target.closest?.("[data-step]");
  const truck = event.target.closest?.("[data-truck]");
  if (!truck || !dragged) return undefined;
  if (!row || row === dragged) return row ? undefined : { truck };
  const { top, height } = row.getBoundingClientRect();
  return { truck, row, after: event.clientY > top + height / 2 };
}

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-href]");
  if (dragged) event.dataTransfer.effectAllowed = "move";
});
document.addEventListener("dragend", () => {
  dragged = undefined;
  clear();
});
document.addEventListener("dragover", (event) => {
  const to = target(event);
  clear();
  if (!to) return;
  event.preventDefault();
  if (to.row) to.row.dataset[to.after ? "after" : "before"] = "";
  else to.truck.dataset.over = "";
});
document.addEventListener("drop", (event) => {
  const to = target(event);
  if (!to) return;
  event.preventDefault();
  const query = new URLSearchParams({ truck: to.truck.dataset.truck });
  if (to.row) {
    const others = [...to.truck.querySelectorAll("[data-step]")].filter((one) => one !== dragged);
    query.set("position", others.indexOf(to.row) + Number(to.after));
  }
  open(dragged.dataset.href, `?${query}`);
});

// ---- what drivers say and other dispatchers do

async function look() {
  const page = document.getElementById("round");
  if (document.hidden) return;
  const answer = await fetch(page.dataset.ask).then((one) => (one.ok ? one.json() : undefined), () => undefined);
  if (answer && answer.version !== page.dataset.version) document.body.dispatchEvent(new CustomEvent("waste:changed"));
}

if (document.getElementById("round")) {
  setInterval(look, ASK);
  document.addEventListener("visibilitychange", look);
  document.addEventListener("htmx:after:swap", count);
  count();
}
if (holder) drawMap().catch(stepAside(holder));
