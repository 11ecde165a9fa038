/** Amounts of the program's currency: people write 12.34, the API has whole minor units (ISO 4217). */

import { currency, locale } from "noren/till/app";

const written = new Intl.NumberFormat(locale, {
  style: "currency",
  currency,
  currencyDisplay: locale === "ja" ? "name" : "symbol",
});
const places = written.resolvedOptions().maximumFractionDigits ?? 0;

/** @param {number} minor */
export function writeMoney(minor) {
  return written.format(minor / 10 ** places);
}

/** As a field of a form has it. @param {number} minor */
export function typeMoney(minor) {
  return (minor / 10 ** places).toFixed(places);
}

/** Minor units; NaN for what is no amount of this currency, such as half a yen. @param {string} typed */
export function readMoney(typed) {
  const [, whole = "", , part = ""] = /^(\d{1,12})(\.(\d+))?$/.exec(typed.trim()) ?? [];
  if (whole === "" || part.length > places) return Number.NaN;
  return Number(whole + part.padEnd(places, "0"));
}

/** What the keyboard of a phone offers, and what the browser takes. @param {HTMLInputElement} field */
export function takeMoney(field) {
  field.step = String(10 ** -places);
  field.inputMode = places === 0 ? "numeric" : "decimal";
}
