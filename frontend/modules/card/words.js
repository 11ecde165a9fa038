/** The words of scripts: the server has written them in the page's language. */

import { app, locale } from "noren/card/app";

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/**
 * A word of the page's `<template data-words>`, its `{name}`s filled in.
 * @param {string} name @param {Record<string, string | number>} [values]
 */
export function word(name, values = {}) {
  const template = app.querySelector("template[data-words]");
  const found = template instanceof HTMLTemplateElement && template.content.querySelector(`[data-word="${name}"]`);
  const text = found instanceof Element ? (found.textContent ?? "") : "";
  return text.replace(/\{(\w+)\}/g, (whole, key) => String(values[key] ?? whole));
}

/** @param {string} name */
export function hasWord(name) {
  return word(name) !== "";
}

/** @param {number} amount */
export function writeNumber(amount) {
  return new Intl.NumberFormat(locale).format(amount);
}

/** @param {string | number} at @param {Intl.DateTimeFormatOptions} how */
function write(at, how) {
  return new Intl.DateTimeFormat(locale === "en" ? "en-GB" : "ja-JP", { timeZone: ZONE, ...how }).format(new Date(at));
}

/** @param {string | number} at */
export function writeDay(at) {
  return write(at, { year: "numeric", month: locale === "en" ? "short" : "long", day: "numeric" });
}

/** @param {string | number} at */
export function writeTime(at) {
  return write(at, { hour: "2-digit", minute: "2-digit" });
}

/** Today the time alone says it. @param {string | number} at */
export function writeMoment(at) {
  return writeDay(at) === writeDay(Date.now()) ? writeTime(at) : `${writeDay(at)} ${writeTime(at)}`;
}

/** A text in both languages: the page's, else whichever there is. @param {Record<string, string>} texts */
export function inLanguage(texts) {
  return texts[locale] ?? Object.values(texts)[0] ?? "";
}

/**
 * Puts texts where they belong: `[data-fill="name"]` below `place`. What has no text is hidden.
 * @param {ParentNode} place @param {Record<string, string | null | undefined>} texts
 */
export function fill(place, texts) {
  for (const [name, text] of Object.entries(texts)) {
    for (const element of place.querySelectorAll(`[data-fill="${name}"]`)) {
      element.textContent = text ?? "";
      if (element instanceof HTMLElement) element.hidden = text === null || text === undefined || text === "";
    }
  }
}

/** A copy of a `<template data-part=NAME>`. @param {ParentNode} place @param {string} name @returns {HTMLElement} */
export function copyPart(place, name) {
  const template = place.querySelector(`template[data-part="${name}"]`);
  const first = template instanceof HTMLTemplateElement ? template.content.firstElementChild : null;
  const copy = first?.cloneNode(true);
  if (!(copy instanceof HTMLElement)) throw new TypeError(`no part ${name}`);
  return copy;
}
