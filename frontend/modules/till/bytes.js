/** How codes are written: Base64url, Base32, decimal digits, hex. Pure. */

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const CHUNK_BYTES = 7;
const CHUNK_DIGITS = 17;
const REST_DIGITS = [0, 3, 5, 8, 10, 13, 15];

/** @typedef {Uint8Array<ArrayBuffer>} Bytes */

/** @param {string} text @returns {Bytes} Throws where it is none. */
export function fromBase64Url(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
}

/** @param {Bytes} bytes */
export function toBase64Url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {Bytes} bytes */
export function toHex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {Bytes} bytes 16 of them */
export function toUuid(bytes) {
  return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** @param {string} text in ASCII, such as the name that a signature begins with */
export function fromAscii(text) {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** @param {Bytes[]} parts @returns {Bytes} */
export function join(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {Bytes} bytes */
export function toNumber(bytes) {
  return bytes.reduce((number, byte) => number * 256 + byte, 0);
}

/**
 * The bytes of decimal digits (docs/card-code.md, section 3), null where it is not just so many bytes.
 * @param {string} text @param {number} byteCount @returns {Bytes | null}
 */
export function readDigits(text, byteCount) {
  const whole = Math.floor(byteCount / CHUNK_BYTES);
  const rest = byteCount % CHUNK_BYTES;
  if (!/^[0-9]*$/.test(text) || text.length !== whole * CHUNK_DIGITS + (REST_DIGITS[rest] ?? 0)) return null;
  const bytes = new Uint8Array(byteCount);
  for (let at = 0; at * CHUNK_BYTES < byteCount; at += 1) {
    const size = Math.min(CHUNK_BYTES, byteCount - at * CHUNK_BYTES);
    let number = BigInt(text.slice(at * CHUNK_DIGITS, (at + 1) * CHUNK_DIGITS));
    for (let place = 0; place < size; place += 1) {
      bytes[at * CHUNK_BYTES + place] = Number(number & 0xffn);
      number >>= 8n;
    }
    if (number !== 0n) return null; // more than so many bytes can hold
  }
  return bytes;
}

/**
 * Base32 without padding, in the one spelling.
 * @param {string} text in capitals @param {number} byteCount @returns {Bytes | null}
 */
export function readBase32(text, byteCount) {
  if (text.length !== Math.ceil((byteCount * 8) / 5)) return null;
  const bytes = new Uint8Array(byteCount);
  let held = 0;
  let bits = 0;
  let at = 0;
  for (const char of text) {
    const value = BASE32.indexOf(char);
    if (value < 0) return null;
    held = (held << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at] = held >> bits;
      at += 1;
      held &= (1 << bits) - 1;
    }
  }
  return held === 0 ? bytes : null;
}
