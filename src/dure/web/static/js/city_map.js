// SPDX-License-Identifier: Apache-2.0
// What every map of the city's pages has: this page's own colours and font, no tile server, new colours with the
// scheme. A map never says anything that its page does not also say in words: where it cannot be drawn it steps aside.

import { Map as CityMap, NavigationControl, setWorkerUrl } from "../vendor/maplibre-gl.mjs";

setWorkerUrl(new URL("../vendor/maplibre-gl-worker.mjs", import.meta.url).href);

const AGAIN = 10_000; // after a busy answer

export const FONT = ["Pretendard Variable"];
export const NOTHING = { type: "FeatureCollection", features: [] };

/** A colour of tokens.css as the map understands it. */
export function colour(name) {
  const probe = document.createElement("i");
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const painted = getComputedStyle(probe).color;
  probe.remove();
  return painted;
}

/** GeoJSON from an address. A page hangs on a wall for days: one busy answer does not take the map off it. */
export async function read(address) {
  for (;;) {
    const answer = await fetch(address).catch(() => undefined);
    if (answer && answer.status < 500) return answer.json();
    await new Promise((go) => setTimeout(go, AGAIN));
  }
}

/** So that labels are drawn with this page's font; `letters`: some of each kind that they hold. */
export const letters = (some) => document.fonts.load(`16px '${FONT[0]}'`, some);

/** The ground of a map, whose source "areas" holds outlines. */
export function ground() {
  return [
    { id: "paper", type: "background", paint: { "background-color": colour("sunken") } },
    { id: "areas", type: "fill", source: "areas", paint: { "fill-color": colour("paper"), "fill-outline-color": colour("edge") } },
  ];
}

/** [[west, south], [east, north]] of all features, with so many degrees around them. */
export function extent({ features }, around = 0) {
  let [west, south, east, north] = [180, 90, -180, -90];
  const walk = (part) => {
    if (typeof part[0] === "number") {
      [west, east] = [Math.min(west, part[0] - around), Math.max(east, part[0] + around)];
      [south, north] = [Math.min(south, part[1] - around), Math.max(north, part[1] + around)];
    } else part.forEach(walk);
  };
  for (const { geometry } of features) walk(geometry.coordinates);
  return [[west, south], [east, north]];
}

/** The map in `holder`; `style()` makes its sources and layers in the colours of now. Drawn, it says data-drawn=`name`. */
export function cityMap(holder, style, bounds, name, padding = 24) {
  const drawn = () => ({ version: 8, ...style() });
  const map = new CityMap({
    container: holder,
    style: drawn(),
    bounds,
    fitBoundsOptions: { padding },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    fadeDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 150,
    locale: { "Map.Title": holder.dataset.label },
  });
  holder.cityMap = map;
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.touchZoomRotate.disableRotation();
  map.once("idle", () => (holder.dataset.drawn = name));
  const recolour = () => map.setStyle(drawn(), { diff: true });
  document.addEventListener("dure:scheme", recolour);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  return map;
}

/** What is in the layer can be pressed: `chosen(properties)`. */
export function pressable(map, layer, chosen) {
  map.on("click", layer, ({ features }) => chosen(features[0].properties));
  map.on("mouseenter", layer, () => (map.getCanvas().style.cursor = "pointer"));
  map.on("mouseleave", layer, () => (map.getCanvas().style.cursor = ""));
}

/** For `.catch`: a map that cannot be drawn steps aside. */
export const stepAside = (holder) => (fault) => {
  holder.dataset.drawn = "failed";
  holder.hidden = true;
  console.warn("the map could not be drawn", fault);
};
