/** Stores on a map, each as large as what happened there. The table beside it has the same, for whoever sees no map. */

import { keepGrid, readBase, styleOf } from "noren/console/map/base";
import { readColours } from "noren/console/map/colours";
import { openMap } from "noren/console/map/engine";

const FONT = ["sans-serif"];

/** @typedef {{ name: string, count: number, at: [number, number] }} Counted */

/** @param {HTMLElement} place with the addresses of its style sheets */
export async function showCounts(place) {
  if ("begun" in place.dataset) return;
  place.dataset["begun"] = "";
  await Promise.all((place.dataset["styles"] ?? "").split(" ").map(addStyles));
  const colours = readColours(place);
  const counted = readCounted(place.dataset["table"] ?? "");
  const map = openMap(place, { bounds: boundsOf(counted) }, (style) => style);
  if (map === null) return;
  const note = place.querySelector("[data-map-note]");
  keepGrid(map);
  map.on("load", () => {
    addLayers(map, colours, counted);
    map.once("idle", () => {
      place.dataset["mapIdle"] = "";
      note?.remove();
    });
  });
  map.setStyle(styleOf(await readBase(place), colours));
}

/** @param {string} href */
function addStyles(href) {
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  const loaded = new Promise((resolve) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", resolve);
  });
  document.head.append(link);
  return loaded;
}

/** Across the antimeridian the shorter way round. @param {string} table its id @returns {Counted[]} */
function readCounted(table) {
  const rows = [...(document.getElementById(table)?.querySelectorAll("[data-lat]") ?? [])];
  const told = rows.filter((row) => row instanceof HTMLElement).map((row) => ({
    name: row.dataset["name"] ?? "",
    count: Number(row.dataset["count"]),
    lat: Number(row.dataset["lat"]),
    lon: Number(row.dataset["lon"]),
  }));
  const first = told[0]?.lon ?? 0;
  return told.map(({ name, count, lat, lon }) => ({ name, count, at: [first + ((lon - first + 540) % 360) - 180, lat] }));
}

/** @param {Counted[]} counted @returns {[number, number, number, number]} */
function boundsOf(counted) {
  const lons = counted.map(({ at }) => at[0]);
  const lats = counted.map(({ at }) => at[1]);
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}

/** @param {import("maplibre-gl").Map} map @param {import("noren/console/map/colours").Colours} colours @param {Counted[]} counted */
function addLayers(map, colours, counted) {
  const most = Math.max(1, ...counted.map(({ count }) => count));
  map.addSource("counts", {
    type: "geojson",
    data: {
      type: "FeatureCollection",
      features: counted.map(({ name, count, at }) => ({
        type: "Feature",
        properties: { name, count, size: 8 + 20 * Math.sqrt(count / most) },
        geometry: { type: "Point", coordinates: at },
      })),
    },
  });
  map.addLayer({
    id: "count",
    type: "circle",
    source: "counts",
    layout: { "circle-sort-key": ["-", 0, ["get", "count"]] },
    paint: {
      "circle-color": colours.fence,
      "circle-opacity": 0.8,
      "circle-radius": ["get", "size"],
      "circle-stroke-color": colours.ground,
      "circle-stroke-width": 1.5,
    },
  });
  map.addLayer({
    id: "count-number",
    type: "symbol",
    source: "counts",
    layout: { "text-field": ["to-string", ["get", "count"]], "text-size": 12, "text-font": FONT },
    paint: { "text-color": colours.ground },
  });
  map.addLayer({
    id: "count-name",
    type: "symbol",
    source: "counts",
    layout: { "text-field": ["get", "name"], "text-size": 13, "text-font": FONT, "text-anchor": "top", "text-offset": [0, 1.6], "text-optional": true },
    paint: { "text-color": colours.ink, "text-halo-color": colours.ground, "text-halo-width": 1.5 },
  });
}
