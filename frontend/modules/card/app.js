/** What the server has told this page: which program's card it is, and in which language. */

const root = document.querySelector("[data-card-app]");
if (!(root instanceof HTMLElement)) throw new TypeError("no card on this page");

/** Around all views. @type {HTMLElement} */
export const app = root;
/** The program's code. */
export const program = app.dataset["program"] ?? "";
/** Below it lie this program's pages; also the worker's scope. */
export const base = `/card/${program}/`;
/** @type {"ja" | "en"} */
export const locale = document.documentElement.lang === "en" ? "en" : "ja";
