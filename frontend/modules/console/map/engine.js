/** MapLibre, started so that a page with Trusted Types and without `blob:` scripts may run it. */

import { Map as MapLibreMap, NavigationControl, prewarm, ScaleControl, setWorkerUrl } from "maplibre-gl";
import { policy } from "noren/shared/trusted_types";

/** @typedef {import("maplibre-gl").StyleSpecification} Style */
/** Where a map begins: all that there is to see, or one place. @typedef {{ bounds: [number, number, number, number] } | { center: [number, number], zoom: number }} View */

/**
 * The engine asks its worker's address for `endsWith` and `split` before it makes the worker of it. An address that the
 * policy has approved is no text, so it brings both along; a text would be refused by the browser.
 * @param {string} url
 */
function approveWorker(url) {
  const href = new URL(url, document.baseURI).href;
  const approved = policy.createScriptURL(href);
  if (typeof approved === "string") return approved;
  return Object.defineProperties(approved, {
    endsWith: { value: (/** @type {string} */ end) => href.endsWith(end) },
    split: { value: (/** @type {string | RegExp} */ by) => href.split(by) },
  });
}

/**
 * Without a style yet. Where there is no WebGL there is none, and the place says so.
 * @param {HTMLElement} container @param {View} view @param {(style: Style) => Style} complete adds to each style what lies over it
 */
export function openMap(container, view, complete) {
  setWorkerUrl(/** @type {string} */ (approveWorker(container.dataset["worker"] ?? "")));
  prewarm(); // its worker starts while the rest is still on its way
  const map = makeMap({
    container,
    ...view,
    transformStyle: (_, style) => complete(style),
    validateStyle: container.dataset["base"] === "style", // of our own the types tell
    attributionControl: false, // it makes elements of a text
    fitBoundsOptions: { padding: 40, maxZoom: 16 },
    maxZoom: 19,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    renderWorldCopies: true,
    locale: {
      "Map.Title": container.dataset["label"] ?? "",
      "NavigationControl.ZoomIn": container.dataset["zoomIn"] ?? "",
      "NavigationControl.ZoomOut": container.dataset["zoomOut"] ?? "",
    },
  });
  if (map === null) {
    const note = container.querySelector("[data-map-note]");
    if (note instanceof HTMLElement) note.textContent = note.dataset["none"] ?? "";
    return null;
  }
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({ unit: "metric" }), "bottom-left");
  return map;
}

/** @param {import("maplibre-gl").MapOptions} options */
function makeMap(options) {
  try {
    return new MapLibreMap(options);
  } catch {
    return null;
  }
}
