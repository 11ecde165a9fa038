/** Circles and areas that are drawn, dragged and resized on the map. The library is loaded when it is first needed. */

import { fromRing, toRing } from "noren/console/map/circles";

/** @typedef {import("noren/console/map/form").Shape} Shape */
/** @typedef {import("noren/console/map/colours").Colours} Colours */

/**
 * @param {import("maplibre-gl").Map} map @param {Colours} colours
 * @param {(shape: Shape) => void} onChange after each step: drawn, dragged, resized, a corner moved
 */
export async function startDrawing(map, colours, onChange) {
  const [library, { TerraDrawMapLibreGLAdapter }] = await Promise.all([
    import("terra-draw"),
    import("terra-draw-maplibre-gl-adapter"),
  ]);
  const coordinates = { draggable: true, deletable: true, midpoints: true };
  const draw = new library.TerraDraw({
    adapter: new TerraDrawMapLibreGLAdapter({ map }),
    modes: [
      new library.TerraDrawCircleMode({ styles: stylesOf(colours) }),
      new library.TerraDrawPolygonMode({ styles: stylesOf(colours) }),
      new library.TerraDrawSelectMode({
        allowManualDeselection: false,
        styles: selectedStylesOf(colours),
        keyEvents: null,
        flags: {
          circle: { feature: { draggable: true, coordinates: { resizable: "center-fixed" } } },
          polygon: { feature: { draggable: true, coordinates } },
        },
      }),
    ],
  });
  draw.start();

  /** @param {string | number} id @param {string} action @returns {Shape | null} */
  function readFeature(id, action) {
    const feature = draw.getSnapshotFeature(id);
    if (feature?.geometry.type !== "Polygon") return null;
    if (feature.properties["mode"] !== "circle") return { kind: "area", geometry: feature.geometry };
    const circle = fromRing(feature.geometry.coordinates[0] ?? []);
    // To drag it over the map stretches it on the plane, and nobody has asked for another radius.
    const kept = feature.properties["radiusM"];
    if (action === "dragFeature" && typeof kept === "number") circle.radius_m = kept;
    return { kind: "circle", circle };
  }

  draw.on("finish", (id, { action }) => {
    const shape = readFeature(id, action);
    if (shape === null) return;
    show(shape);
    onChange(shape);
  });

  /** To be changed. False where the library cannot take it: several parts, holes, over the antimeridian. @param {Shape | null} shape */
  function show(shape) {
    draw.clear();
    if (shape === null) {
      draw.setMode("select");
      return true;
    }
    const isCircle = shape.kind === "circle";
    if (!isCircle && (shape.geometry.type !== "Polygon" || shape.geometry.coordinates.length !== 1)) return false;
    const ring = isCircle ? toRing(shape.circle) : roundRing(/** @type {import("geojson").Polygon} */ (shape.geometry));
    const id = draw.getFeatureId();
    /** @type {Record<string, string | number>} */
    const properties = isCircle ? { mode: "circle", radiusM: shape.circle.radius_m } : { mode: "polygon" };
    const [added] = draw.addFeatures([{ id, type: "Feature", geometry: { type: "Polygon", coordinates: [ring] }, properties }]);
    draw.setMode("select");
    if (added?.valid !== true) return false;
    draw.selectFeature(id);
    return true;
  }

  return {
    show,
    /** @param {"circle" | "polygon"} kind */
    begin: (kind) => {
      draw.clear();
      draw.setMode(kind);
    },
    stop: () => draw.setMode("select"),
    recolour: () => {
      for (const mode of ["circle", "polygon"]) draw.updateModeOptions(mode, { styles: stylesOf(colours) });
      draw.updateModeOptions("select", { styles: selectedStylesOf(colours) });
    },
    get isDrawing() {
      return draw.getMode() !== "select" && draw.getMode() !== "static";
    },
  };
}

/** @param {Colours} colours */
function stylesOf(colours) {
  const drawn = toHex(colours.drawn);
  return { fillColor: drawn, fillOpacity: 0.2, outlineColor: drawn, outlineWidth: 3 };
}

/** @param {Colours} colours */
function selectedStylesOf(colours) {
  const drawn = toHex(colours.drawn);
  return {
    selectedPolygonColor: drawn,
    selectedPolygonFillOpacity: 0.2,
    selectedPolygonOutlineColor: drawn,
    selectedPolygonOutlineWidth: 3,
    selectionPointColor: drawn,
    selectionPointWidth: 7,
    midPointColor: drawn,
  };
}

/** @param {import("geojson").Polygon} polygon */
function roundRing(polygon) {
  return (polygon.coordinates[0] ?? []).map((position) => position.slice(0, 2).map((each) => Math.round(each * 1e9) / 1e9));
}

/** @param {string} colour as `getComputedStyle` tells it: rgb(r, g, b) @returns {import("terra-draw").HexColor} */
function toHex(colour) {
  const parts = (colour.match(/\d+/g) ?? []).slice(0, 3);
  return `#${parts.map((part) => Number(part).toString(16).padStart(2, "0")).join("")}`;
}

/** @typedef {Awaited<ReturnType<typeof startDrawing>>} Drawing */
