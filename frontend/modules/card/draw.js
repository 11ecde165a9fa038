/** Codes as pictures: QR codes by the package, bars by the table of ISO/IEC 15417. Drawn here, so also offline. */

import { encodeQR } from "qr";

const SVG = "http://www.w3.org/2000/svg";
const QUIET_MODULES = 4;
const QUIET_BARS = 10;
const BAR_HEIGHT = 36;

/** @param {Element} place @param {string} text @param {"numeric" | "alphanumeric" | "byte"} encoding */
export function drawQr(place, text, encoding) {
  const rows = encodeQR(text, "raw", { ecc: "medium", encoding, border: QUIET_MODULES, scale: 1 });
  const path = rows.map((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : "")).join("")).join("");
  show(place, rows.length, rows.length, path);
}

/** @param {Element} place @param {string} number 13 digits */
export function drawBars(place, number) {
  let x = QUIET_BARS;
  let path = "";
  for (const [index, width] of [...encodeCode128(number)].entries()) {
    if (index % 2 === 0) path += `M${x} 0h${width}v${BAR_HEIGHT}h-${width}z`;
    x += Number(width);
  }
  show(place, x + QUIET_BARS, BAR_HEIGHT, path);
}

/** @param {Element} place @param {number} width @param {number} height @param {string} path */
function show(place, width, height, path) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("shape-rendering", "crispEdges");
  svg.setAttribute("aria-hidden", "true");
  const modules = document.createElementNS(SVG, "path");
  modules.setAttribute("d", path);
  svg.append(modules);
  place.replaceChildren(svg);
}

const START_C = 105;
const TO_B = 100;
const STOP = "2331112";
/** The widths of bars and gaps of the values 0 to 105. */
const WIDTHS = (
  "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 122132 122231 113222 " +
  "123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 322112 322211 212123 212321 " +
  "232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 112331 132131 113123 113321 133121 " +
  "313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 " +
  "111422 121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 241112 134111 " +
  "111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 412121 111143 111341 131141 114113 " +
  "114311 411113 411311 113141 114131 311141 411131 211412 211214 211232"
).split(" ");

/** Pairs of digits, and an odd last one in set B: as the server writes the same number. @param {string} digits */
export function encodeCode128(digits) {
  const values = [START_C, ...(digits.match(/\d\d/g) ?? []).map(Number)];
  if (digits.length % 2 === 1) values.push(TO_B, Number(digits.at(-1)) + 16);
  const sum = values.reduce((total, value, place) => total + value * Math.max(place, 1), 0);
  return [...values, sum % 103].map((value) => WIDTHS[value]).join("") + STOP;
}
