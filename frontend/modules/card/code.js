/** The bytes of docs/card-code.md: what is signed, and how the code is written. No key, no clock. */

const PIECE = 7;
/** @type {Record<number, number>} How many digits so many bytes are. */
const DIGITS = { 1: 3, 2: 5, 3: 8, 4: 10, 5: 13, 6: 15, 7: 17 };
const CERTIFICATE_LENGTH = 118;

/** @param {Uint8Array} bytes */
export function writeDigits(bytes) {
  let text = "";
  for (let start = 0; start < bytes.length; start += PIECE) {
    const piece = bytes.subarray(start, start + PIECE);
    const value = piece.reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
    text += value.toString().padStart(DIGITS[piece.length] ?? 0, "0");
  }
  return text;
}

/** @param {...(Uint8Array | string)} parts a text is followed by a zero byte */
function join(...parts) {
  const all = parts.map((part) => (typeof part === "string" ? new TextEncoder().encode(`${part}\0`) : part));
  const joined = new Uint8Array(all.reduce((length, part) => length + part.length, 0));
  let place = 0;
  for (const part of all) {
    joined.set(part, place);
    place += part.length;
  }
  return joined;
}

/** @param {Uint8Array} certificate @param {number} step */
function body(certificate, step) {
  const number = new Uint8Array(4);
  new DataView(number.buffer).setUint32(0, step);
  return join(certificate, number);
}

/** @param {Uint8Array} certificate @param {number} step */
export function codeMessage(certificate, step) {
  return join("noren-card-code-1", body(certificate, step));
}

/** @param {Uint8Array} certificate @param {number} step @param {Uint8Array} signature */
export function writeCode(certificate, step, signature) {
  return writeDigits(join(body(certificate, step), signature));
}

/** @param {string} memberId @param {string} deviceId @param {Uint8Array} point compressed */
export function proofMessage(memberId, deviceId, point) {
  return join("noren-card-key-1", readUuid(memberId), readUuid(deviceId), point);
}

/** @param {Uint8Array} point 65 bytes, as WebCrypto exports it */
export function compressPoint(point) {
  const sign = 2 + ((point[64] ?? 0) & 1);
  return join(Uint8Array.of(sign), point.subarray(1, 33));
}

/** @param {string} id */
function readUuid(id) {
  return Uint8Array.from(id.replaceAll("-", "").match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** @param {Uint8Array} bytes */
export function toBase64Url(bytes) {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} text */
export function fromBase64Url(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.codePointAt(0) ?? 0);
}

/** @param {string} text */
export function readCertificate(text) {
  const bytes = fromBase64Url(text);
  if (bytes.length !== CERTIFICATE_LENGTH) throw new TypeError("not a certificate");
  return bytes;
}
