/** What a scanner read or somebody typed, cleaned as docs/card-code.md, section 9, says. Pure. */

const DASHES = /[\p{Pd}\u02d7\u2043\u2212\u2500\u2501\u2796\u30fc]/gu;
/** Fillers, joiners and selectors of a character's shape, and the empty pattern of Braille. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\u2800]/gu;
const DROPPED = /[\p{Zs}\p{Zl}\p{Zp}\p{Cc}\p{Cf}]/gu;
/** ISO/IEC 15424 (AIM), such as ]E0 or ]Q3. */
const SYMBOLOGY = /^(?:\][A-Za-z][0-9A-Za-z])+/;

/** @param {string} text */
export function cleanScanned(text) {
  let cleaned = text;
  for (;;) {
    const next = cleaned.replace(UNSEEN, "").normalize("NFKC").replace(DASHES, "-").replace(DROPPED, "");
    if (next === cleaned) break;
    cleaned = next; // what was apart may have come together
  }
  return cleaned.replace(SYMBOLOGY, "");
}

/**
 * @typedef {"card_code" | "totp" | "number" | "coupon" | "offline_coupon" | "pairing" | "other"} Kind
 * @param {string} text cleaned
 * @returns {Kind}
 */
export function kindOf(text) {
  if (/^[0-9]{452}$/.test(text)) return "card_code";
  if (/^[0-9-]{13,20}$/.test(text) && text.replaceAll("-", "").length === 13) return "number";
  const head = text.slice(0, 3).toUpperCase();
  if (head === "N1T") return "totp";
  if (head === "N1K") return "coupon";
  if (head === "N1F") return "offline_coupon";
  return readPairingCode(text) === null ? "other" : "pairing";
}

/** Of a link of the console, or the code by itself. @param {string} text */
export function readPairingCode(text) {
  return /(?:^|#pair=)(nrnc_[A-Za-z0-9_-]{64})$/.exec(text)?.[1] ?? null;
}

/** Whether nothing can follow: a wedge scanner may send no Enter. @param {string} text cleaned */
export function isWhole(text) {
  const upper = text.toUpperCase();
  return (
    /^[0-9]{452}$/.test(text) ||
    (upper.startsWith("N1F") && text.length === 218) ||
    (upper.startsWith("N1K") && text.length === 75)
  );
}
