// SPDX-License-Identifier: Apache-2.0
// The bins on the map: a dot for each, coloured by how urgent it is and numbered. The table under it says the same.

import { cityMap, colour, extent, FONT, ground, letters, pressable, read, stepAside } from "../js/city_map.js";

const holder = document.getElementById("map");
const AROUND = 0.002; // degrees

function layers() {
  const byShade = ["match", ["get", "shade"], "full", colour("bad"), "high", colour("level-2"), "low", colour("celadon"), colour("ink-soft")];
  return [
    ...ground(),
    {
      id: "bins",
      type: "circle",
      source: "bins",
      paint: {
        "circle-color": byShade,
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 10, 4, 15, 12],
        "circle-stroke-color": ["case", ["get", "fine"], colour("paper"), colour("level-4-ink")],
        "circle-stroke-width": ["case", ["get", "fine"], 1, 3],
      },
    },
    {
      id: "levels",
      type: "symbol",
      source: "bins",
      minzoom: 13,
      layout: { "text-field": ["get", "label"], "text-font": FONT, "text-size": 12, "text-offset": [0, 1.4], "symbol-sort-key": ["-", 0, ["get", "urgency"]] },
      paint: { "text-color": colour("ink"), "text-halo-color": colour("paper"), "text-halo-width": 1.5 },
    },
  ];
}

async function drawMap() {
  const [areas, first] = await Promise.all([read(holder.dataset.areas), read(holder.dataset.points), letters("0123456789?%")]);
  let points = first;
  const style = () => ({
    sources: { areas: { type: "geojson", data: areas }, bins: { type: "geojson", data: points } },
    layers: layers(),
  });
  const map = cityMap(holder, style, extent(points, AROUND), "bins");
  pressable(map, "bins", ({ code }) => document.getElementById(code)?.scrollIntoView({ block: "center" }));
  document.addEventListener("htmx:after:swap", async () => {
    points = await read(holder.dataset.points);
    map.getSource("bins")?.setData(points);
  });
}

if (holder) drawMap().catch(stepAside(holder));
