/** The area whose form is open, where the drawing library cannot take it: seen on the map, and changed in its form. */

/** @typedef {import("noren/console/map/form").Shape} Shape */
/** @typedef {import("noren/console/map/colours").Colours} Colours */

const SOURCE = "open-area";

/** @param {Colours} colours @returns {import("maplibre-gl").StyleSpecification["layers"]} */
export function drawAsItIs(colours) {
  return [
    { id: "open-area-fill", type: "fill", source: SOURCE, paint: { "fill-color": colours.drawn, "fill-opacity": 0.2 } },
    { id: "open-area-edge", type: "line", source: SOURCE, paint: { "line-color": colours.drawn, "line-width": 3, "line-dasharray": [2, 1] } },
  ];
}

/** @param {import("maplibre-gl").Map} map @param {Shape | null} shape none: nothing of it stays @param {Colours} colours */
export function showAsItIs(map, shape, colours) {
  /** @type {import("geojson").FeatureCollection} */
  const data = { type: "FeatureCollection", features: [] };
  if (shape?.kind === "area") data.features.push({ type: "Feature", properties: {}, geometry: shape.geometry });
  const source = map.getSource(SOURCE);
  if (source !== undefined && "setData" in source) {
    /** @type {import("maplibre-gl").GeoJSONSource} */ (source).setData(data);
  } else if (data.features.length > 0) {
    map.addSource(SOURCE, { type: "geojson", data });
    for (const layer of drawAsItIs(colours)) map.addLayer(layer);
  }
}
