/** The map and the form beside it: what changes in one changes in the other, and each step can be taken back. */

import htmx from "htmx.org";
import { startDrawing } from "noren/console/map/drawing";
import { askSoon, findForm, placeOf, readShape, writeShape } from "noren/console/map/form";
import { ShapeHistory } from "noren/console/map/history";
import { hideOpenFence, repaint } from "noren/console/map/layers";
import { drawAsItIs, showAsItIs } from "noren/console/map/open_area";

/** @typedef {import("noren/console/map/form").Shape} Shape */

/** @param {string} name @returns {HTMLButtonElement[]} */
function buttons(name) {
  return [...document.querySelectorAll(`[data-map-tools] [${name}]`)].filter((each) => each instanceof HTMLButtonElement);
}

export class Editor {
  #map;
  #colours;
  #history = new ShapeHistory();
  /** @type {import("noren/console/map/drawing").Drawing | null} */
  #drawing = null;
  /** @type {Promise<import("noren/console/map/drawing").Drawing> | null} */
  #starting = null;
  /** What was drawn before there was a form for it. @type {Shape | null} */
  #pending = null;

  /** @param {import("maplibre-gl").Map} map @param {import("noren/console/map/colours").Colours} colours */
  constructor(map, colours) {
    this.#map = map;
    this.#colours = colours;
    for (const button of buttons("data-draw")) button.addEventListener("click", () => void this.#begin(button));
    for (const button of buttons("data-undo")) button.addEventListener("click", () => this.#step(this.#history.undo()));
    for (const button of buttons("data-redo")) button.addEventListener("click", () => this.#step(this.#history.redo()));
    for (const button of buttons("data-stop")) button.addEventListener("click", () => this.#stop());
    document.addEventListener("input", (event) => this.#hear(event));
    document.addEventListener("htmx:after:swap", () => void this.openForm());
    const tools = document.querySelector("[data-map-tools]");
    if (tools instanceof HTMLElement) tools.hidden = false;
  }

  get isDrawing() {
    return this.#drawing?.isDrawing === true;
  }

  /** The colours that it was made with are others now. */
  recolour() {
    this.#drawing?.recolour();
    repaint(this.#map, drawAsItIs(this.#colours));
  }

  /** Once, though each key that is typed asks for it while the library is on its way. */
  async #start() {
    this.#starting ??= startDrawing(this.#map, this.#colours, (shape) => this.#take(shape));
    try {
      this.#drawing = await this.#starting;
    } catch (error) {
      this.#starting = null; // it did not come: whoever draws next asks again
      throw error;
    }
    return this.#drawing;
  }

  /** A form that is there now: its shape is shown, or it gets the one that was drawn. */
  async openForm() {
    const form = findForm();
    hideOpenFence(this.#map);
    if (form === null) {
      this.#drawing?.show(null);
      this.#history.begin(null);
      this.#showTools();
      return;
    }
    if (form.dataset["opened"] !== undefined) return;
    form.dataset["opened"] = "";
    const shape = this.#pending ?? readShape(form);
    this.#history.begin(readShape(form));
    if (this.#pending !== null) {
      writeShape(form, this.#pending);
      this.#history.add(this.#pending);
      this.#pending = null;
    }
    await this.#show(shape);
    if (shape !== null) askSoon();
  }

  /** @param {Shape | null} shape */
  async #show(shape) {
    const drawing = await this.#start();
    const canChange = drawing.show(shape);
    showAsItIs(this.#map, canChange ? null : shape, this.#colours);
    if (shape !== null) this.#goTo(shape);
    this.#tell(shape === null ? "" : canChange ? "change" : "typed");
    this.#showTools();
  }

  /** @param {Shape} shape */
  #goTo(shape) {
    const [lon, lat] = placeOf(shape);
    const isSeen = this.#map.getBounds().contains([lon, lat]) && this.#map.getZoom() >= 12;
    if (!isSeen) this.#map.jumpTo({ center: [lon, lat], zoom: Math.max(15, this.#map.getZoom()) });
  }

  /** @param {HTMLButtonElement} button */
  async #begin(button) {
    const kind = button.dataset["draw"] === "polygon" ? "polygon" : "circle";
    const drawing = await this.#start();
    drawing.begin(kind);
    for (const each of buttons("data-draw")) each.setAttribute("aria-pressed", String(each === button));
    for (const each of buttons("data-stop")) each.hidden = false;
    this.#tell(kind);
  }

  #stop() {
    this.#drawing?.stop();
    const form = findForm();
    void this.#show(form === null ? null : readShape(form));
  }

  /** What was drawn or changed on the map. @param {Shape} shape */
  #take(shape) {
    const form = findForm();
    if (form === null) {
      this.#pending = shape;
      const [lon, lat] = placeOf(shape);
      const url = `/console/map/fences/new?${new URLSearchParams({ kind: shape.kind, lat: String(lat), lon: String(lon) })}`;
      void htmx.ajax("GET", url, { target: "#panel", select: "#panel", swap: "outerHTML" });
    } else {
      writeShape(form, shape);
      this.#history.add(shape);
      askSoon();
    }
    this.#tell("change");
    this.#showTools();
  }

  /** @param {Shape | null} shape */
  #step(shape) {
    const form = findForm();
    if (form === null) return;
    if (shape !== null) writeShape(form, shape);
    void this.#show(shape);
    askSoon();
  }

  /** What was typed. @param {Event} event */
  #hear(event) {
    const form = findForm();
    if (form === null || !(event.target instanceof Node) || !form.contains(event.target)) return;
    const shape = readShape(form);
    this.#history.add(shape);
    void this.#show(shape);
    askSoon();
  }

  #showTools() {
    for (const button of buttons("data-undo")) button.disabled = !this.#history.canUndo;
    for (const button of buttons("data-redo")) button.disabled = !this.#history.canRedo;
    if (this.isDrawing) return;
    for (const each of buttons("data-draw")) each.setAttribute("aria-pressed", "false");
    for (const each of buttons("data-stop")) each.hidden = true;
  }

  /** @param {"circle" | "polygon" | "change" | "typed" | ""} what */
  #tell(what) {
    const place = document.querySelector("[data-how]");
    if (place instanceof HTMLElement) place.textContent = what === "" ? "" : (place.dataset[what] ?? "");
  }
}
