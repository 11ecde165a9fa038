/** Stores and geofences on the map: from afar in groups, near by as they are. */

/** @typedef {import("noren/console/map/colours").Colours} Colours */
/** @typedef {import("maplibre-gl").Map} MapLibreMap */
/** @typedef {import("maplibre-gl").StyleSpecification} Style */

const SOURCE = "noren";
const FENCES = ["fence-fill", "fence-edge"];
/** The browser's own letters. */
const OWN_FONT = ["sans-serif"];

/** @param {HTMLElement} place @param {string} version */
function tilesOf(place, version) {
  return [`${location.origin}${place.dataset["tiles"]}?v=${version}`];
}

/** Whatever lies under them, with stores and geofences over it. @param {Style} base @param {HTMLElement} place @param {Colours} colours @returns {Style} */
export function addStores(base, place, colours) {
  const maxzoom = Number(place.dataset["maxZoom"]);
  const tiles = tilesOf(place, place.dataset["version"] ?? "");
  return {
    ...base,
    sources: { ...base.sources, [SOURCE]: { type: "vector", tiles, maxzoom } },
    layers: [...base.layers, ...drawStores(colours, findFont(base))],
  };
}

/** A style with letters of its own has no others. @param {Pick<Style, "glyphs" | "layers">} base */
export function findFont(base) {
  if (base.glyphs === undefined) return OWN_FONT;
  const fonts = base.layers.flatMap((layer) => (layer.type === "symbol" ? [layer.layout?.["text-font"]] : []));
  const named = fonts.find((font) => Array.isArray(font) && font.every((each) => typeof each === "string" && each !== "literal"));
  return /** @type {string[] | undefined} */ (named) ?? OWN_FONT;
}

/** @param {Colours} colours @param {string[]} font @returns {Style["layers"]} */
export function drawStores(colours, font) {
  const shared = { source: SOURCE };
  const shown = shownFence();
  const dot = /** @type {const} */ ({ "circle-stroke-color": colours.ground, "circle-stroke-width": 1.5 });
  return [
    { ...shared, id: "fence-fill", type: "fill", "source-layer": "fences", filter: shown, paint: { "fill-color": colours.fence, "fill-opacity": 0.18, "fill-antialias": false } },
    { ...shared, id: "fence-edge", type: "line", "source-layer": "fences", filter: shown, paint: { "line-color": colours.fence, "line-width": 2 } },
    {
      ...shared,
      id: "group",
      type: "circle",
      "source-layer": "groups",
      paint: {
        ...dot,
        "circle-color": colours.fence,
        "circle-opacity": 0.85,
        "circle-radius": ["interpolate", ["linear"], ["+", ["get", "fences"], ["get", "stores"]], 1, 5, 20, 12, 1000, 22],
      },
    },
    { ...shared, id: "store", type: "circle", "source-layer": "stores", paint: { ...dot, "circle-color": colours.ink, "circle-radius": 4 } },
    {
      ...shared,
      id: "group-number",
      type: "symbol",
      "source-layer": "groups",
      filter: [">", ["get", "fences"], 1],
      layout: { "text-field": ["to-string", ["get", "fences"]], "text-size": 12, "text-font": font },
      paint: { "text-color": colours.ground },
    },
    {
      ...shared,
      id: "store-name",
      type: "symbol",
      "source-layer": "stores",
      minzoom: 13,
      layout: { "text-field": ["get", "name"], "text-size": 13, "text-font": font, "text-anchor": "top", "text-offset": [0, 0.6] },
      paint: { "text-color": colours.ink, "text-halo-color": colours.ground, "text-halo-width": 1.5 },
    },
  ];
}

/** All but the one whose form is open: that is drawn to be changed. @returns {import("maplibre-gl").FilterSpecification} */
function shownFence() {
  return ["!=", ["get", "id"], document.getElementById("panel")?.dataset["fence"] ?? ""];
}

/** @param {MapLibreMap} map */
export function hideOpenFence(map) {
  const shown = shownFence();
  for (const layer of FENCES) {
    // A filter that is set has the tiles made anew.
    if (JSON.stringify(map.getFilter(layer)) !== JSON.stringify(shown)) map.setFilter(layer, shown);
  }
}

/** Other colours for what is there. @param {MapLibreMap} map @param {Style["layers"]} layers */
export function repaint(map, layers) {
  for (const { id, paint } of layers) {
    if (map.getLayer(id) === undefined) continue;
    for (const [name, value] of Object.entries(paint ?? {})) {
      map.setPaintProperty(id, /** @type {Parameters<MapLibreMap["setPaintProperty"]>[1]} */ (name), value);
    }
  }
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
  /** @type {import("maplibre-gl").PointLike | null} */
  let pointed = null;
  // Once a frame, and never while the map is dragged: to find what lies there takes as long as to draw it.
  map.on("mousemove", ({ point }) => {
    if (isDrawing() || map.isMoving()) return;
    if (pointed === null) {
      requestAnimationFrame(() => {
        const isOver = pointed !== null && !map.isMoving() && map.queryRenderedFeatures(pointed, { layers }).length > 0;
        pointed = null;
        if (!isDrawing()) map.getCanvas().style.cursor = isOver ? "pointer" : "";
      });
    }
    pointed = point;
  });
}
