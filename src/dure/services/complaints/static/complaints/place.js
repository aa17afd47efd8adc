// SPDX-License-Identifier: Apache-2.0
// The city's outlines: in a dialog (complaints/place_map.html) with a cross in their middle, to say where a thing is, and
// on a page with a point, to show it.

const dialog = () => document.getElementById("map-dialog");
const holder = () => document.getElementById("place-map");
const middles = new Map(); // an area's code: where its name stands

/** Open it at `place` ([°E, °N]), or over the area of the code `area`, where one is known. Fails, and is closed again,
 * where no map can be drawn. */
export async function openPlaceMap(place, area = "") {
  dialog().showModal();
  try {
    if (!holder().cityMap) await ask();
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

async function ask() {
  const map = await draw(holder());
  map.on("click", ({ lngLat }) => map.easeTo({ center: lngLat }));
  map.getCanvas().addEventListener("keydown", ({ key }) => key === "Enter" && dialog().querySelector("[data-this-place]").click());
}

/** Show the place of `holder` (data-lon, data-lat), or nothing where no map can be drawn. */
export async function showPlaceOn(holder) {
  const { stepAside } = await import("../js/city_map.js");
  const place = [Number(holder.dataset.lon), Number(holder.dataset.lat)];
  const map = await draw(holder, place).catch(stepAside(holder));
  map?.jumpTo({ center: place, zoom: 14 });
}

async function draw(holder, place) {
  const { cityMap, colour, extent, FONT, ground, letters, NOTHING, read } = await import("../js/city_map.js");
  const [areas] = await Promise.all([read(holder.dataset.areas), letters("동")]);
  for (const { properties } of areas.features) middles.set(properties.code, [properties.lon, properties.lat]);
  const points = areas.features.map(({ properties }) => ({
    type: "Feature", properties, geometry: { type: "Point", coordinates: [properties.lon, properties.lat] },
  }));
  const names = {
    id: "names", type: "symbol", source: "names",
    layout: { "text-field": ["get", "name"], "text-font": FONT, "text-size": 15 },
  };
  const sources = {
    areas: { type: "geojson", data: areas },
    names: { type: "geojson", data: { type: "FeatureCollection", features: points } },
    place: { type: "geojson", data: place ? { type: "Feature", properties: {}, geometry: { type: "Point", coordinates: place } } : NOTHING },
  };
  const named = () => ({ ...names, paint: { "text-color": colour("ink"), "text-halo-color": colour("paper"), "text-halo-width": 1.5 } });
  const point = () => ({ id: "place", type: "circle", source: "place", paint: { "circle-radius": 8, "circle-color": colour("bad"), "circle-stroke-width": 3, "circle-stroke-color": colour("surface") } });
  return cityMap(holder, () => ({ sources, layers: [...ground(), named(), point()] }), extent(areas), "areas");
}
