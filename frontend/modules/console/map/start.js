/** The console's map: begins it where the page has one, and keeps it and the panel beside it in step. */

import htmx from "htmx.org";
import { keepGrid, makeStyle } from "noren/console/map/base";
import { readColours } from "noren/console/map/colours";
import { Editor } from "noren/console/map/editor";
import { canDraw, openMap } from "noren/console/map/engine";
import { offerLive } from "noren/console/map/live";
import { addLayers, openOnClick, reloadTiles } from "noren/console/map/layers";

/** @param {string} id */
function openFence(id) {
  const url = `/console/map/fences/${id}`;
  void htmx.ajax("GET", url, { target: "#panel", select: "#panel", swap: "outerHTML", push: url });
}

/** @param {HTMLElement} place @param {import("maplibre-gl").Map} map */
function showExtent(place, map) {
  const [west, south, east, north] = (place.dataset["extent"] ?? "").split(",").map(Number);
  if (west === undefined || south === undefined || east === undefined || north === undefined) return;
  map.fitBounds([west, south, east, north], { padding: 40, maxZoom: 16, animate: false });
}

/** @param {HTMLElement} place */
async function begin(place) {
  if (!canDraw(place)) return;
  const colours = readColours(place);
  const map = openMap(place, await makeStyle(place, colours));
  const note = place.querySelector("[data-map-note]");
  map.on("error", () => {
    if (note instanceof HTMLElement && place.dataset["mapIdle"] === undefined) note.textContent = note.dataset["baseLost"] ?? "";
    else note?.replaceChildren();
  });
  map.on("load", () => {
    keepGrid(map);
    addLayers(map, place, colours);
    showExtent(place, map);
    const editor = new Editor(map, colours);
    openOnClick(map, openFence, () => editor.isDrawing);
    void editor.openForm();
    offerLive(map, colours);
    map.once("idle", () => {
      place.dataset["mapIdle"] = "";
      note?.remove();
    });
  });
  document.addEventListener("htmx:after:swap", () => {
    const version = document.getElementById("panel")?.dataset["version"];
    if (version === undefined || version === place.dataset["version"]) return;
    place.dataset["version"] = version;
    reloadTiles(map, place, version);
  });
}

const place = document.querySelector("[data-map]");
if (place instanceof HTMLElement) void begin(place);
