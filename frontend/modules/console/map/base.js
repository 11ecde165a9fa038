/** What lies under the stores: an outline and a grid, a local file of tiles, or a style that the operator has chosen. */

import { addProtocol } from "maplibre-gl";
import { makeGrid } from "noren/console/map/grid";
import { readLand } from "noren/console/map/land";

/** @typedef {import("noren/console/map/colours").Colours} Colours */
/** @typedef {import("maplibre-gl").StyleSpecification} Style */

/** Layers as common schemas of tiles call them, those below first. */
const DRAWN_OF_TILES = [
  { names: ["earth", "land"], kind: "fill", colour: "land" },
  { names: ["water", "ocean", "water_polygons"], kind: "fill", colour: "sea" },
  { names: ["buildings", "building"], kind: "fill", colour: "grid" },
  { names: ["roads", "transportation", "streets"], kind: "line", colour: "grid" },
  { names: ["boundaries", "boundary"], kind: "line", colour: "grid" },
];

/** @param {HTMLElement} place @param {Colours} colours @returns {Promise<Style | string>} */
export async function makeStyle(place, colours) {
  if (place.dataset["base"] === "style") return place.dataset["style"] ?? "";
  if (place.dataset["base"] === "tiles") return styleOfTiles(place.dataset["baseTiles"] ?? "", colours);
  const answer = await fetch(place.dataset["land"] ?? "");
  const empty = makeGrid({ west: 0, south: 0, east: 0, north: 0 }).lines;
  return {
    version: 8,
    sources: {
      land: { type: "geojson", data: readLand(await answer.json()) },
      grid: { type: "geojson", data: empty },
    },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": colours.sea } },
      { id: "land", type: "fill", source: "land", paint: { "fill-color": colours.land, "fill-outline-color": colours.grid } },
      { id: "grid", type: "line", source: "grid", paint: { "line-color": colours.grid, "line-width": 0.5 } },
    ],
  };
}

/** @param {string} url @param {Colours} colours @returns {Promise<Style>} */
async function styleOfTiles(url, colours) {
  const { PMTiles, Protocol, TileType } = await import("pmtiles");
  const archive = new PMTiles(new URL(url, document.baseURI).href);
  const protocol = new Protocol();
  protocol.add(archive);
  addProtocol("pmtiles", protocol.tile);
  const source = `pmtiles://${archive.source.getKey()}`;
  /** @type {import("maplibre-gl").BackgroundLayerSpecification} */
  const ground = { id: "sea", type: "background", paint: { "background-color": colours.sea } };
  if ((await archive.getHeader()).tileType !== TileType.Mvt) {
    const raster = { type: /** @type {const} */ ("raster"), url: source, tileSize: 256 };
    return { version: 8, sources: { base: raster }, layers: [ground, { id: "base", type: "raster", source: "base" }] };
  }
  const known = await archive.getMetadata();
  const layersOf = /** @type {{ vector_layers?: { id: string }[] }} */ (known).vector_layers ?? [];
  const held = new Set(layersOf.map((layer) => layer.id));
  const drawn = DRAWN_OF_TILES.flatMap(({ names, kind, colour }) =>
    names.filter((name) => held.has(name)).map((name) => ({
      id: `base-${name}`,
      type: kind,
      source: "base",
      "source-layer": name,
      paint: { [`${kind}-color`]: colours[/** @type {keyof Colours} */ (colour)] },
    })),
  );
  const layers = /** @type {Style["layers"]} */ ([ground, ...drawn]);
  return { version: 8, sources: { base: { type: "vector", url: source } }, layers };
}

/** The grid follows what is seen. @param {import("maplibre-gl").Map} map */
export function keepGrid(map) {
  const draw = () => {
    const bounds = map.getBounds();
    const seen = { west: bounds.getWest(), south: bounds.getSouth(), east: bounds.getEast(), north: bounds.getNorth() };
    const source = map.getSource("grid");
    if (source !== undefined && "setData" in source) {
      /** @type {import("maplibre-gl").GeoJSONSource} */ (source).setData(makeGrid(seen).lines);
    }
  };
  map.on("moveend", draw);
  draw();
}
