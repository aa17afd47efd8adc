// SPDX-License-Identifier: Apache-2.0
// The bins on the map: a dot for each, coloured by how full it is and numbered. The table under it says the same.

import { Map as CityMap, NavigationControl, setWorkerUrl } from "../vendor/maplibre-gl.mjs";

setWorkerUrl(new URL("../vendor/maplibre-gl-worker.mjs", import.meta.url).href);

const holder = document.getElementById("map");
const FONT = ["Pretendard Variable"];

const colour = (name) => {
  const probe = document.createElement("i");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const painted = getComputedStyle(probe).color;
  probe.remove();
  return painted;
};

const read = (address) => fetch(address).then((answer) => answer.json());

function style(areas, points) {
  const byShade = ["match", ["get", "shade"], "full", colour("bad"), "high", colour("level-2"), "low", colour("celadon"), colour("ink-soft")];
  return {
    version: 8,
    sources: { areas: { type: "geojson", data: areas }, bins: { type: "geojson", data: points } },
    layers: [
      { id: "paper", type: "background", paint: { "background-color": colour("sunken") } },
      { id: "areas", type: "fill", source: "areas", paint: { "fill-color": colour("paper"), "fill-outline-color": colour("edge") } },
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
        layout: { "text-field": ["get", "label"], "text-font": FONT, "text-size": 12, "text-offset": [0, 1.4], "symbol-sort-key": ["-", 0, ["coalesce", ["get", "fill"], 0]] },
        paint: { "text-color": colour("ink"), "text-halo-color": colour("paper"), "text-halo-width": 1.5 },
      },
    ],
  };
}

function extent(points) {
  const [lons, lats] = [0, 1].map((axis) => points.features.map(({ geometry }) => geometry.coordinates[axis]));
  const around = 0.002;
  return [
    [Math.min(...lons) - around, Math.min(...lats) - around],
    [Math.max(...lons) + around, Math.max(...lats) + around],
  ];
}

async function drawMap() {
  const [areas, first] = await Promise.all([
    read(holder.dataset.areas),
    read(holder.dataset.points),
    document.fonts.load("16px 'Pretendard Variable'", "0123456789?"),
  ]);
  let points = first;
  const map = new CityMap({
    container: holder,
    style: style(areas, points),
    bounds: extent(points),
    fitBoundsOptions: { padding: 24 },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    fadeDuration: 0,
    locale: { "Map.Title": holder.dataset.label },
  });
  holder.cityMap = map;
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.touchZoomRotate.disableRotation();
  map.on("click", "bins", ({ features }) => document.getElementById(features[0].properties.code)?.scrollIntoView({ block: "center" }));
  map.on("mouseenter", "bins", () => (map.getCanvas().style.cursor = "pointer"));
  map.on("mouseleave", "bins", () => (map.getCanvas().style.cursor = ""));
  map.once("idle", () => (holder.dataset.drawn = "bins"));
  const recolour = () => map.setStyle(style(areas, points), { diff: true });
  document.addEventListener("dure:scheme", recolour);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  document.addEventListener("htmx:after:swap", async () => {
    points = await read(holder.dataset.points);
    map.getSource("bins")?.setData(points);
  });
}

if (holder) {
  drawMap().catch((fault) => {
    holder.dataset.drawn = "failed";
    holder.hidden = true;
    console.warn("the map could not be drawn", fault);
  });
}
