// SPDX-License-Identifier: Apache-2.0
// The city's outlines in a dialog (complaints/place_map.html), a cross in its middle: where a thing is.

const dialog = () => document.getElementById("map-dialog");
const holder = () => document.getElementById("place-map");
const middles = new Map(); // an area's code: where its name stands

/** Open it at `place` ([°E, °N]), or over the area of the code `area`, where one is known. Fails, and is closed again,
 * where no map can be drawn. */
export async function openPlaceMap(place, area = "") {
  dialog().showModal();
  try {
    if (!holder().cityMap) await draw();
    const map = holder().cityMap;
    const over = middles.get(area);
    if (place) map.jumpTo({ center: place, zoom: 15 });
    else if (over) map.jumpTo({ center: over, zoom: 13.5 });
    map.getCanvas().focus();
  } catch (fault) {
    console.warn("the map could not be drawn", fault);
    dialog().close();
    throw fault;
  }
}

/** Close it; the place under its cross: [°E, °N]. */
export function closePlaceMap() {
  const { lng, lat } = holder().cityMap.getCenter();
  dialog().close();
  return [lng, lat];
}

async function draw() {
  const { cityMap, colour, extent, FONT, ground, letters, read } = await import("../js/city_map.js");
  const [areas] = await Promise.all([read(holder().dataset.areas), letters("동")]);
  for (const { properties } of areas.features) middles.set(properties.code, [properties.lon, properties.lat]);
  const points = areas.features.map(({ properties }) => ({
    type: "Feature", properties, geometry: { type: "Point", coordinates: [properties.lon, properties.lat] },
  }));
  const names = {
    id: "names", type: "symbol", source: "names",
    layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 15 },
  };
  const sources = { areas: { type: "geojson", data: areas }, names: { type: "geojson", data: { type: "FeatureCollection", features: points } } };
  const style = () => ({ sources, layers: [...ground(), { ...names, paint: { "text-color": colour("ink"), "text-halo-color": colour("paper"), "text-halo-width": 1.5 } }] });
  const map = cityMap(holder(), style, extent(areas), "areas");
  map.on("click", ({ lngLat }) => map.easeTo({ center: lngLat }));
  map.getCanvas().addEventListener("keydown", ({ key }) => key === "Enter" && dialog().querySelector("[data-this-place]").click());
}
