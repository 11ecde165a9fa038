/** The shapes that the form has held, so that each step can be taken back. Pure. */

/** @typedef {import("noren/console/map/form").Shape} Shape */

export class ShapeHistory {
  /** @type {(Shape | null)[]} */
  #past = [];
  /** @type {(Shape | null)[]} */
  #future = [];
  /** @type {Shape | null} */
  #now = null;

  /** @param {Shape | null} shape of a form that was opened */
  begin(shape) {
    this.#past = [];
    this.#future = [];
    this.#now = shape;
  }

  /** @param {Shape | null} shape */
  add(shape) {
    if (JSON.stringify(shape) === JSON.stringify(this.#now)) return;
    this.#past.push(this.#now);
    this.#future = [];
    this.#now = shape;
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get canRedo() {
    return this.#future.length > 0;
  }

  /** @returns {Shape | null} */
  undo() {
    this.#future.push(this.#now);
    this.#now = this.#past.pop() ?? null;
    return this.#now;
  }

  /** @returns {Shape | null} */
  redo() {
    this.#past.push(this.#now);
    this.#now = this.#future.pop() ?? null;
    return this.#now;
  }
}
