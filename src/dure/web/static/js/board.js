// SPDX-License-Identifier: Apache-2.0
// The board: the city's areas coloured by what is open in them, the street's devices, and the list under j, k, Enter.
// No tile server, no glyph server: areas are GeoJSON of this server and labels are drawn with this page's own font.

import { cityMap, colour, extent, FONT, letters, NOTHING, pressable, read, stepAside } from "./city_map.js";

const holder = document.getElementById("map");
const CLUSTERED_BELOW = 13;

function counted(areas) {
  const counts = JSON.parse(document.getElementById("counts").textContent);
  const words = holder.dataset;
  for (const { properties } of areas.features) {
    const { open = 0, level = 0 } = counts[properties.code] ?? {};
    const load = open ? `${words[`level${level}`]} ${open}` : "";
    Object.assign(properties, { open, level, load, here: properties.code === holder.dataset.code });
  }
  return areas;
}

function layers() {
  const ink = colour("ink");
  const paper = colour("paper");
  const wash = (level) => colour(level === 4 ? "level-4-pale" : `level-${level}-wash`);
  return [
    { id: "paper", type: "background", paint: { "background-color": colour("sunken") } },
    {
      id: "areas",
      type: "fill",
      source: "areas",
      paint: {
        "fill-color": ["match", ["get", "level"], 1, wash(1), 2, wash(2), 3, wash(3), 4, wash(4), paper],
        "fill-outline-color": colour("edge"),
      },
    },
    { id: "grave", type: "line", source: "areas", filter: [">=", ["get", "level"], 3], paint: { "line-color": colour("level-4-ink"), "line-width": ["-", ["get", "level"], 2] } },
    { id: "here", type: "line", source: "areas", filter: ["get", "here"], paint: { "line-color": colour("celadon"), "line-width": 4 } },
    {
      id: "device-groups",
      type: "circle",
      source: "devices",
      filter: ["has", "point_count"],
      paint: {
        "circle-color": colour("celadon"),
        "circle-opacity": 0.75,
        "circle-radius": ["interpolate", ["linear"], ["sqrt", ["get", "point_count"]], 1, 6, 30, 20],
      },
    },
    {
      id: "devices",
      type: "circle",
      source: "devices",
      filter: ["!", ["has", "point_count"]],
      paint: {
        "circle-color": ["case", ["get", "silent"], colour("bad"), colour("celadon")],
        "circle-radius": ["case", ["get", "silent"], 6, 4],
        "circle-stroke-color": paper,
        "circle-stroke-width": 1,
      },
    },
    {
      id: "device-counts",
      type: "symbol",
      source: "devices",
      filter: ["has", "point_count"],
      layout: { "text-field": ["get", "point_count_abbreviated"], "text-font": FONT, "text-size": 11 },
      paint: { "text-color": colour("on-celadon") },
    },
    {
      id: "names",
      type: "symbol",
      source: "areas",
      layout: {
        "text-field": ["format", ["get", "name"], { "font-scale": 1 }, "\n", {}, ["get", "load"], { "font-scale": 0.92 }],
        "text-font": FONT,
        "text-size": ["interpolate", ["linear"], ["zoom"], 9, 10.5, 13, 15],
        "symbol-sort-key": ["-", 0, ["+", ["*", 100, ["get", "level"]], ["get", "open"]]],
        "text-padding": 1,
      },
      paint: {
        "text-color": ink,
        "text-halo-color": ["match", ["get", "level"], 1, wash(1), 2, wash(2), 3, wash(3), 4, wash(4), paper],
        "text-halo-width": 1.5,
      },
    },
  ];
}

async function drawMap() {
  const [areas] = await Promise.all([read(holder.dataset.areas), letters("가나동읍면0123456789")]);
  if (!areas.features.length) {
    holder.dataset.drawn = "nothing";
    return;
  }
  let devices = NOTHING;
  const style = () => ({
    sources: {
      areas: { type: "geojson", data: counted(areas) },
      devices: { type: "geojson", data: devices, cluster: true, clusterMaxZoom: CLUSTERED_BELOW, clusterRadius: 46 },
    },
    layers: layers(),
  });
  const map = cityMap(holder, style, extent(areas), "areas", 16);
  pressable(map, "areas", ({ code }) => choose(code));
  document.addEventListener("htmx:after:swap", () => map.getSource("areas")?.setData(counted(areas)));
  layerSwitch(async (shown) => {
    if (shown && devices === NOTHING) devices = await fetch(holder.dataset.devices).then((answer) => answer.json());
    await map.getSource("devices").setData(shown ? devices : NOTHING);
    map.once("idle", () => (holder.dataset.drawn = shown ? "devices" : "areas"));
  });
}

function layerSwitch(show) {
  const label = document.createElement("label");
  label.className = "map__layers";
  const box = Object.assign(document.createElement("input"), { type: "checkbox" });
  label.append(box, holder.dataset.camera);
  box.addEventListener("change", () => show(box.checked));
  holder.append(label);
}

function choose(code) {
  const select = document.querySelector("#filters [name=area]");
  select.value = select.value === code ? "" : code;
  holder.dataset.code = select.value;
  select.dispatchEvent(new Event("change", { bubbles: true }));
}

function keys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog, .map")) return;
    const rows = [...document.querySelectorAll("[data-row]")];
    const at = rows.indexOf(document.activeElement);
    const to = { j: rows[at + 1], k: rows[at - 1], "/": document.querySelector("#filters select") }[event.key];
    if (!to) return;
    event.preventDefault();
    to.focus();
  });
}

keys();
drawMap().catch(stepAside(holder));
