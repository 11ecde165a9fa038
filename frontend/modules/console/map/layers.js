/** Stores and geofences on the map: from afar in groups, near by as they are. */

/** @typedef {import("noren/console/map/colours").Colours} Colours */
/** @typedef {import("maplibre-gl").Map} MapLibreMap */

export const SOURCE = "noren";
const FONT = ["sans-serif"];

/** @param {HTMLElement} place @param {string} version */
function tilesOf(place, version) {
  return [`${location.origin}${place.dataset["tiles"]}?v=${version}`];
}

/** @param {MapLibreMap} map @param {HTMLElement} place @param {Colours} colours */
export function addLayers(map, place, colours) {
  const maxzoom = Number(place.dataset["maxZoom"]);
  map.addSource(SOURCE, { type: "vector", tiles: tilesOf(place, place.dataset["version"] ?? ""), maxzoom });
  const shared = { source: SOURCE };
  map.addLayer({ ...shared, id: "fence-fill", type: "fill", "source-layer": "fences", paint: { "fill-color": colours.fence, "fill-opacity": 0.18 } });
  map.addLayer({ ...shared, id: "fence-edge", type: "line", "source-layer": "fences", paint: { "line-color": colours.fence, "line-width": 2 } });
  map.addLayer({
    ...shared,
    id: "group",
    type: "circle",
    "source-layer": "groups",
    paint: {
      "circle-color": colours.fence,
      "circle-opacity": 0.85,
      "circle-radius": ["interpolate", ["linear"], ["+", ["get", "fences"], ["get", "stores"]], 1, 5, 20, 12, 1000, 22],
      "circle-stroke-color": colours.ground,
      "circle-stroke-width": 1.5,
    },
  });
  map.addLayer({ ...shared, id: "store", type: "circle", "source-layer": "stores", paint: { "circle-color": colours.ink, "circle-radius": 4, "circle-stroke-color": colours.ground, "circle-stroke-width": 1.5 } });
  const text = { "text-color": colours.ink, "text-halo-color": colours.ground, "text-halo-width": 1.5 };
  map.addLayer({
    ...shared,
    id: "group-number",
    type: "symbol",
    "source-layer": "groups",
    filter: [">", ["get", "fences"], 1],
    layout: { "text-field": ["to-string", ["get", "fences"]], "text-size": 12, "text-font": FONT },
    paint: { "text-color": colours.ground },
  });
  map.addLayer({
    ...shared,
    id: "store-name",
    type: "symbol",
    "source-layer": "stores",
    minzoom: 13,
    layout: { "text-field": ["get", "name"], "text-size": 13, "text-font": FONT, "text-anchor": "top", "text-offset": [0, 0.6] },
    paint: text,
  });
}

/** After a change: what the tiles showed is no more. @param {MapLibreMap} map @param {HTMLElement} place @param {string} version */
export function reloadTiles(map, place, version) {
  const source = map.getSource(SOURCE);
  if (source !== undefined && "setTiles" in source) {
    /** @type {import("maplibre-gl").VectorTileSource} */ (source).setTiles(tilesOf(place, version));
  }
}

/**
 * What is clicked or, for a group of several, is gone nearer to.
 * @param {MapLibreMap} map @param {(id: string) => void} open @param {() => boolean} isDrawing
 */
export function openOnClick(map, open, isDrawing) {
  const layers = ["fence-fill", "group"];
  map.on("click", layers, (event) => {
    const feature = event.features?.[0];
    if (isDrawing() || feature === undefined) return;
    const id = feature.properties["id"];
    if (typeof id === "string") open(id);
    else map.easeTo({ center: event.lngLat, zoom: map.getZoom() + 3 });
  });
  map.on("mouseenter", layers, () => { if (!isDrawing()) map.getCanvas().style.cursor = "pointer"; });
  map.on("mouseleave", layers, () => { if (!isDrawing()) map.getCanvas().style.cursor = ""; });
}
