// SPDX-License-Identifier: Apache-2.0
// The way that is left, drawn from what the page holds: without tiles and without a connection. North is up.

const [WIDTH, HEIGHT, EDGE, FOOT] = [320, 210, 14, 14]; // the foot is the scale's
const METRES = 111_195; // of a degree of latitude
const SCALES = [100, 200, 500, 1000, 2000, 5000, 10_000, 20_000]; // metres
const NUMBERED = 3; // the next ones; all of them would cover one another

function make(name, attributes, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

/** `places`: [lon, lat] of the stops that are left, in their order; `home`: of the yard, where the way ends. */
export function drawWay(svg, places, home) {
  const all = [...places, home];
  const narrow = Math.cos((home[1] * Math.PI) / 180);
  const flat = all.map(([lon, lat]) => [lon * narrow * METRES, -lat * METRES]);
  const [left, top] = [0, 1].map((axis) => Math.min(...flat.map((at) => at[axis])));
  const [wide, high] = [0, 1].map((axis) => Math.max(...flat.map((at) => at[axis])) - [left, top][axis]);
  const metres = Math.max(wide / (WIDTH - 2 * EDGE), high / (HEIGHT - FOOT - 2 * EDGE), 1); // of a unit
  const spare = [(WIDTH - wide / metres) / 2, (HEIGHT - FOOT - high / metres) / 2];
  const drawn = flat.map(([x, y]) => [(x - left) / metres + spare[0], (y - top) / metres + spare[1]].map((of) => of.toFixed(1)));
  const [homeX, homeY] = drawn.at(-1);
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.replaceChildren(
    make("polyline", { points: drawn.join(" ") }),
    make("rect", { x: homeX - 5, y: homeY - 5, width: 10, height: 10 }),
    ...drawn.slice(0, -1).map(([cx, cy], place) => make("circle", { cx, cy, r: place < NUMBERED ? 9 : 4 })).reverse(),
    ...drawn.slice(0, Math.min(NUMBERED, places.length)).map(([x, y], place) => make("text", { x, y }, place + 1)).reverse(),
    ...scale(metres),
  );
}

function scale(metres) {
  const long = SCALES.findLast((one) => one / metres < WIDTH / 4) ?? SCALES[0];
  const end = EDGE + long / metres;
  const words = long < 1000 ? `${long} m` : `${long / 1000} km`;
  return [make("path", { d: `M${EDGE} ${HEIGHT - 5}H${end}` }), make("text", { class: "way__scale", x: end + 4, y: HEIGHT - 5 }, words)];
}
