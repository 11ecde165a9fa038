/**
 * The forms of campaigns and audiences: only what goes with what was chosen is shown, words are put in by buttons, and
 * what was typed outlasts a reload and a session that has ended. Without this module all fields show, and all works.
 */

import "noren/console/page";
import htmx from "htmx.org";

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Field */

/** @param {HTMLFormElement} form */
function showWhatFits(form) {
  for (const part of form.querySelectorAll("fieldset[data-when]")) {
    if (!(part instanceof HTMLFieldSetElement)) continue;
    const [name = "", values = ""] = (part.dataset["when"] ?? "").split("=");
    const chosen = new FormData(form).get(name) ?? valueOf(form, name);
    const fits = values.split(" ").includes(String(chosen));
    part.hidden = !fits;
    part.disabled = !fits;
  }
  const wanted = new Set([1, 2, 3, 4, 5].map((place) => new FormData(form).get(`channel_${place}`)));
  for (const words of form.querySelectorAll("details[data-open-for]")) {
    if (words instanceof HTMLDetailsElement && wanted.has(words.dataset["openFor"] ?? "") && words.dataset["openFor"] !== "push") {
      words.open = true;
    }
  }
}

/** Of one that is disabled too. @param {HTMLFormElement} form @param {string} name */
function valueOf(form, name) {
  const field = form.elements.namedItem(name);
  return field instanceof RadioNodeList || field instanceof HTMLSelectElement ? field.value : "";
}

/** @type {HTMLInputElement | HTMLTextAreaElement | null} */
let lastWords = null;

/** @param {HTMLFormElement} form */
function offerPlaceholders(form) {
  form.addEventListener("focusin", (event) => {
    const field = event.target;
    const isText = field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement;
    if (isText && "words" in field.dataset) lastWords = field;
  });
  form.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-insert]") : null;
    if (!(button instanceof HTMLElement)) return;
    const field = lastWords ?? form.querySelector("[data-words]");
    if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement)) return;
    const at = field.selectionStart ?? field.value.length;
    field.setRangeText(button.dataset["insert"] ?? "", at, field.selectionEnd ?? at, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

const PREFIX = "noren-form:";
/** What the server gives anew each time. */
const NEVER_KEPT = new Set(["csrf", "version", "campaign_id", "audience_id", "like"]);

/** @param {HTMLFormElement} form */
function keyOf(form) {
  return PREFIX + (form.dataset["keep"] ?? "");
}

/** What is swapped in between the press and the new page brings nothing back. @type {WeakSet<HTMLFormElement>} */
const discarded = new WeakSet();

/** @param {HTMLFormElement} form */
function keepTyped(form) {
  if (discarded.has(form)) return;
  const typed = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !NEVER_KEPT.has(name));
  sessionStorage.setItem(keyOf(form), JSON.stringify({ version: form.dataset["version"], typed }));
}

/** @param {HTMLFormElement} form */
function bringBack(form) {
  const kept = sessionStorage.getItem(keyOf(form));
  if (kept === null || "typed" in form.dataset) return;
  const { version, typed } = JSON.parse(kept);
  if (version !== form.dataset["version"]) return;
  /** @type {Map<string, string[]>} */
  const values = new Map();
  for (const [name, value] of typed) values.set(name, [...(values.get(name) ?? []), value]);
  let isOther = askForRows(form, values);
  for (const field of form.elements) {
    if (!isField(field) || NEVER_KEPT.has(field.name) || field.name === "") continue;
    const wanted = values.get(field.name);
    if (field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio")) {
      const isOn = wanted?.includes(field.value) ?? false;
      if (field.type === "radio" && wanted === undefined) continue;
      isOther ||= field.checked !== isOn;
      field.checked = isOn;
    } else if (wanted !== undefined) {
      isOther ||= field.value !== wanted[0];
      field.value = wanted[0] ?? "";
    }
  }
  const note = document.querySelector("[data-kept-note]");
  if (isOther && note instanceof HTMLElement) note.hidden = false;
}

/**
 * What was typed into rows that the page does not show yet: the server shows them, as after a press of their button.
 * @param {HTMLFormElement} form @param {Map<string, string[]>} values
 */
function askForRows(form, values) {
  const missing = [...values].flatMap(([name, texts]) =>
    texts.filter((text) => text !== "" && !hasPlaceFor(form, name, text)).map((text) => ({ name, text })),
  );
  if (missing.length === 0 || !("again" in form.dataset)) return false;
  const held = missing.map(({ name, text }) => {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value: text });
    form.append(field);
    return field;
  });
  queueMicrotask(async () => {
    await htmx.ajax("POST", form.dataset["again"] ?? "", { source: form, target: "#all-steps", select: "#all-steps", swap: "outerHTML" });
    for (const field of held) field.remove();
  });
  return true;
}

/** @param {HTMLFormElement} form @param {string} name @param {string} text */
function hasPlaceFor(form, name, text) {
  return [...form.elements].some((field) => {
    if (!isField(field) || field.name !== name) return false;
    if (field instanceof HTMLSelectElement) return [...field.options].some((option) => option.value === text);
    const isTicked = field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio");
    return !isTicked || field.value === text;
  });
}

/** Enter looks for what is typed into a search, and sends no form. @param {HTMLFormElement} form */
function searchOnEnter(form) {
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !(event.target instanceof HTMLInputElement)) return;
    if (event.target.type === "checkbox" || event.target.type === "radio") return;
    event.preventDefault();
    if (event.target.type === "search") event.target.closest(".find")?.querySelector("button")?.click();
  });
}

/** @param {Element} field @returns {field is Field} */
function isField(field) {
  return field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement || field instanceof HTMLSelectElement;
}

/** @param {HTMLFormElement} form */
function forgetOnDiscard(form) {
  document.querySelector("[data-discard]")?.addEventListener("click", () => {
    discarded.add(form);
    sessionStorage.removeItem(keyOf(form));
    location.assign(location.href);
  });
}

/** What is saved needs no keeping. */
function forgetSaved() {
  const saved = document.querySelector("[data-forget]");
  if (!(saved instanceof HTMLElement) || saved instanceof HTMLAnchorElement) return;
  for (const name of (saved.dataset["forget"] ?? "").split(" ")) sessionStorage.removeItem(PREFIX + name);
}

/** A fault is called as its field is, and leads to it. */
function nameFaults() {
  for (const link of document.querySelectorAll("a[data-name-of]")) {
    if (!(link instanceof HTMLElement)) continue;
    const name = link.dataset["nameOf"] ?? "";
    const label = document.querySelector(`label[for="${CSS.escape(name)}"]`)?.textContent;
    if (!label) continue;
    if (link.textContent === name) link.textContent = label;
    else link.prepend(`${label}: `);
  }
  document.querySelectorAll("a[data-forget]").forEach((link) =>
    link.addEventListener("click", () => {
      if (link instanceof HTMLElement) sessionStorage.removeItem(PREFIX + link.dataset["forget"]);
    }),
  );
  const first = document.querySelector("[data-focus-first]");
  if (first instanceof HTMLElement) first.focus();
}

for (const form of document.querySelectorAll("form[data-keep]")) {
  if (!(form instanceof HTMLFormElement)) continue;
  bringBack(form);
  showWhatFits(form);
  offerPlaceholders(form);
  forgetOnDiscard(form);
  searchOnEnter(form);
  form.addEventListener("change", () => showWhatFits(form));
  document.addEventListener("htmx:after:swap", () => {
    showWhatFits(form);
    keepTyped(form);
  });
  form.addEventListener("input", () => keepTyped(form));
}
// A map is heavy: it is loaded where somebody asks for it.
document.addEventListener(
  "toggle",
  ({ target }) => {
    if (!(target instanceof HTMLDetailsElement) || !target.open || !("counts" in target.dataset)) return;
    const place = target.querySelector("[data-counts-map]");
    if (place instanceof HTMLElement) void import("noren/console/map/counts").then(({ showCounts }) => showCounts(place));
  },
  true, // it does not bubble
);
forgetSaved();
nameFaults();
