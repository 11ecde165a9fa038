/** What lies under the stores: an outline and a grid, a local file of tiles, or a style that the operator has chosen. */

import { addProtocol } from "maplibre-gl";
import { makeGrid } from "noren/console/map/grid";
import { readLand } from "noren/console/map/land";

/** @typedef {import("noren/console/map/colours").Colours} Colours */
/** @typedef {import("maplibre-gl").StyleSpecification} Style */
/** @typedef {{ sources: Style["sources"], draw: (colours: Colours) => Style["layers"] }} Base */

/** The outline is coarse: near by, one large piece of it is drawn sooner than many small ones. */
const LAND_MAX_ZOOM = 5;

/** Layers as common schemas of tiles call them, those below first. */
const DRAWN_OF_TILES = [
  { names: ["earth", "land"], kind: "fill", colour: "land" },
  { names: ["water", "ocean", "water_polygons"], kind: "fill", colour: "sea" },
  { names: ["buildings", "building"], kind: "fill", colour: "grid" },
  { names: ["roads", "transportation", "streets"], kind: "line", colour: "grid" },
  { names: ["boundaries", "boundary"], kind: "line", colour: "grid" },
];

/** A style somewhere else is its address. @param {HTMLElement} place @returns {Promise<Base | string>} */
export async function readBase(place) {
  if (place.dataset["base"] === "style") return place.dataset["style"] ?? "";
  if (place.dataset["base"] === "tiles") return readTiles(place.dataset["baseTiles"] ?? "");
  const answer = await fetch(place.dataset["land"] ?? "");
  return {
    sources: {
      land: { type: "geojson", data: readLand(await answer.json()), maxzoom: LAND_MAX_ZOOM },
      grid: { type: "geojson", data: { type: "FeatureCollection", features: [] } },
    },
    draw: (colours) => [
      drawGround(colours),
      { id: "land", type: "fill", source: "land", paint: { "fill-color": colours.land, "fill-antialias": false } },
      { id: "grid", type: "line", source: "grid", paint: { "line-color": colours.grid, "line-width": 0.5 } },
    ],
  };
}

/** Where nothing else can be had. @type {Base} */
export const BARE = { sources: {}, draw: (colours) => [drawGround(colours)] };

/** @param {Base | string} base @param {Colours} colours @returns {Style | string} */
export function styleOf(base, colours) {
  return typeof base === "string" ? base : { version: 8, sources: base.sources, layers: base.draw(colours) };
}

/** @param {Colours} colours @returns {import("maplibre-gl").BackgroundLayerSpecification} */
function drawGround(colours) {
  return { id: "sea", type: "background", paint: { "background-color": colours.sea } };
}

/** @param {string} url @returns {Promise<Base>} */
async function readTiles(url) {
  const { PMTiles, Protocol, TileType } = await import("pmtiles");
  const archive = new PMTiles(new URL(url, document.baseURI).href);
  const protocol = new Protocol();
  protocol.add(archive);
  addProtocol("pmtiles", protocol.tile);
  const address = `pmtiles://${archive.source.getKey()}`;
  if ((await archive.getHeader()).tileType !== TileType.Mvt) {
    return {
      sources: { base: { type: "raster", url: address, tileSize: 256 } },
      draw: (colours) => [drawGround(colours), { id: "base", type: "raster", source: "base" }],
    };
  }
  const known = await archive.getMetadata();
  const layersOf = /** @type {{ vector_layers?: { id: string }[] }} */ (known).vector_layers ?? [];
  const held = new Set(layersOf.map((layer) => layer.id));
  /** @param {Colours} colours */
  const draw = (colours) =>
    DRAWN_OF_TILES.flatMap(({ names, kind, colour }) =>
      names.filter((name) => held.has(name)).map((name) => ({
        id: `base-${name}`,
        type: kind,
        source: "base",
        "source-layer": name,
        paint: { [`${kind}-color`]: colours[/** @type {keyof Colours} */ (colour)] },
      })),
    );
  return {
    sources: { base: { type: "vector", url: address } },
    draw: (colours) => /** @type {Style["layers"]} */ ([drawGround(colours), ...draw(colours)]),
  };
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
  map.once("style.load", draw);
}
