/** MapLibre, started so that a page with Trusted Types and without `blob:` scripts may run it. */

import { Map as MapLibreMap, NavigationControl, ScaleControl, setWorkerUrl } from "maplibre-gl";
import { policy } from "noren/shared/trusted_types";

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

/** @param {HTMLElement} container @param {import("maplibre-gl").StyleSpecification | string} style */
export function openMap(container, style) {
  setWorkerUrl(/** @type {string} */ (approveWorker(container.dataset["worker"] ?? "")));
  const map = new MapLibreMap({
    container,
    style,
    attributionControl: false, // it makes elements of a text
    bounds: [122, 24, 154, 46],
    fitBoundsOptions: { padding: 24 },
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
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({ unit: "metric" }), "bottom-left");
  return map;
}

/** Where it cannot, the place says so. @param {HTMLElement} place */
export function canDraw(place) {
  const canvas = document.createElement("canvas");
  if (canvas.getContext("webgl2") !== null) return true;
  const note = place.querySelector("[data-map-note]");
  if (note instanceof HTMLElement) note.textContent = note.dataset["none"] ?? "";
  return false;
}
