/** Lists of the card's views: made of a `<template data-part>` each, with a sentence where there is nothing. */

import { copyPart, fill } from "noren/card/words";

/**
 * @template T
 * @param {HTMLElement} place around `[data-list=NAME]`, its template and `[data-none=NAME]`
 * @param {string} name @param {T[]} items @param {(item: T, row: HTMLElement) => Record<string, string | null>} read
 */
export function showList(place, name, items, read) {
  const list = place.querySelector(`[data-list="${name}"]`);
  const rows = items.map((item) => {
    const row = copyPart(place, name);
    fill(row, read(item, row));
    return row;
  });
  list?.replaceChildren(...rows);
  const none = place.querySelector(`[data-none="${name}"]`);
  if (none instanceof HTMLElement) none.hidden = rows.length > 0;
}

/** A link's row leads there. @param {HTMLElement} row @param {string} address */
export function leadTo(row, address) {
  const link = row.querySelector("a");
  if (link !== null) link.href = address;
}
