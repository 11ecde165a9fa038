/** What the server has told the page: whose till it is, in which language, and the words of scripts. */

const found = document.querySelector("[data-till-app]");
if (!(found instanceof HTMLElement)) throw new TypeError("this is no till");
export const root = found;
export const program = root.dataset["program"] ?? "";
/** ISO 4217. */
export const currency = root.dataset["currency"] ?? "JPY";
export const base = `/till/${program}/`;
export const locale = document.documentElement.lang === "en" ? "en" : "ja";

/** 24 hours, day before month. */
const STYLE = locale === "en" ? "en-GB" : "ja-JP";

/**
 * A word of the page's `<template data-words>`, its `{name}`s filled in.
 * @param {string} name @param {Record<string, string | number>} [values]
 */
export function word(name, values = {}) {
  const template = root.querySelector("template[data-words]");
  const place = template instanceof HTMLTemplateElement ? template.content.querySelector(`[data-word="${name}"]`) : null;
  return (place?.textContent ?? "").replace(/\{(\w+)\}/g, (whole, key) => String(values[key] ?? whole));
}

/** The first of these that there is: what a later version of the server says may be new. @param {string[]} names */
export function firstWord(...names) {
  return names.map((name) => word(name)).find((text) => text !== "") ?? "";
}

/** @template {Element} T @param {string} selector @param {{ new (): T }} kind @param {ParentNode} [place] @returns {T} */
export function find(selector, kind, place = root) {
  const element = place.querySelector(selector);
  if (!(element instanceof kind)) throw new TypeError(`no ${selector}`);
  return element;
}

/** A copy of a `<template data-part=NAME>`. @param {string} name */
export function copyPart(name) {
  const copy = find(`template[data-part="${name}"]`, HTMLTemplateElement).content.firstElementChild?.cloneNode(true);
  if (!(copy instanceof HTMLElement)) throw new TypeError(`no part ${name}`);
  return copy;
}

/** Texts where they belong, `[data-fill=NAME]`; what has none is hidden. @param {ParentNode} place @param {Record<string, string>} texts */
export function fill(place, texts) {
  for (const [name, text] of Object.entries(texts)) {
    for (const element of place.querySelectorAll(`[data-fill="${name}"]`)) {
      element.textContent = text;
      if (element instanceof HTMLElement) element.hidden = text === "";
    }
  }
}

/** @param {number} number */
export function writeNumber(number) {
  return new Intl.NumberFormat(locale).format(number);
}

/** @param {number | string} at */
export function writeTime(at) {
  return new Intl.DateTimeFormat(STYLE, { hour: "2-digit", minute: "2-digit" }).format(new Date(at));
}

/** @param {number | string} at */
export function writeMoment(at) {
  const how = /** @type {const} */ ({ month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });
  return new Intl.DateTimeFormat(STYLE, how).format(new Date(at));
}

const tabs = new BroadcastChannel(`noren-till:${program}`);
tabs.addEventListener("message", ({ data }) => document.dispatchEvent(new CustomEvent(`till:${data}`)));

/**
 * Something of the till has changed: whoever shows it looks again, in other tabs too. Whether there is a line each finds
 * out by itself.
 * @param {"queue" | "state" | "line"} what
 */
export function tell(what) {
  document.dispatchEvent(new CustomEvent(`till:${what}`));
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel of this origin alone
  if (what !== "line") tabs.postMessage(what);
}
