/** The console's map: begins it where the page has one, and keeps it and the panel beside it in step. */

import htmx from "htmx.org";
import { BARE, keepGrid, readBase, styleOf } from "noren/console/map/base";
import { readColours } from "noren/console/map/colours";
import { openMap } from "noren/console/map/engine";
import { findForm, placeOf, readShape } from "noren/console/map/form";
import { addStores, drawStores, openOnClick, reloadTiles, repaint } from "noren/console/map/layers";

/** @typedef {import("noren/console/map/engine").View} View */

const JAPAN = /** @type {const} */ ([122, 24, 154, 46]);

/** What the form is about; else all that there is. @param {HTMLElement} place @returns {View} */
function findView(place) {
  const form = findForm();
  const shape = form === null ? null : readShape(form);
  if (shape !== null) return { center: placeOf(shape), zoom: 15 };
  const [west, south, east, north] = place.dataset["extent"]?.split(",").map(Number) ?? JAPAN;
  return { bounds: [west ?? 0, south ?? 0, east ?? 0, north ?? 0] };
}

/** @param {string} id */
function openFence(id) {
  const url = `/console/map/fences/${id}`;
  void htmx.ajax("GET", url, { target: "#panel", select: "#panel", swap: "outerHTML", push: url });
}

/** @param {HTMLElement} place */
async function begin(place) {
  const note = place.querySelector("[data-map-note]");
  const tellLoss = () => {
    if (note instanceof HTMLElement) note.textContent = note.dataset["baseLost"] ?? "";
  };
  const colours = readColours(place);
  const map = openMap(place, findView(place), (style) => addStores(style, place, colours));
  if (map === null) return;
  /** @type {import("noren/console/map/tools").Tools | undefined} */
  let tools;
  map.on("error", tellLoss);
  keepGrid(map);
  openOnClick(map, openFence, () => tools?.isDrawing === true);
  map.once("idle", () => {
    place.dataset["mapIdle"] = "";
    note?.remove();
    // What changes the map comes after what shows it.
    void import("noren/console/map/tools").then(({ offerTools }) => (tools = offerTools(map, colours)));
  });
  const base = await readBase(place).catch(() => {
    tellLoss();
    return BARE;
  });
  map.setStyle(styleOf(base, colours));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    Object.assign(colours, readColours(place));
    repaint(map, [...(typeof base === "string" ? [] : base.draw(colours)), ...drawStores(colours, [])]);
    tools?.recolour();
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
