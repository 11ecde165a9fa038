/**
 * A compressed point of P-256 as WebCrypto takes it. Pure.
 *
 * The prime is 3 modulo 4, so a square root is one power (SEC 1, section 2.3.4). Nothing secret goes through here.
 */

import { fromAscii, join, toHex } from "noren/till/bytes";

const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/** @param {import("noren/till/bytes").Bytes} compressed 33 bytes @returns {import("noren/till/bytes").Bytes | null} 65, null: no point has it */
export function expandPoint(compressed) {
  const sign = compressed[0];
  if ((sign !== 2 && sign !== 3) || compressed.length !== 33) return null;
  const x = BigInt(`0x${toHex(compressed.slice(1))}`);
  if (x >= P) return null;
  const square = (x * x * x - 3n * x + B) % P;
  const root = power(square < 0n ? square + P : square, (P + 1n) / 4n);
  if ((root * root - square) % P !== 0n) return null;
  const y = Number(root & 1n) === sign - 2 ? root : (P - root) % P;
  const written = Uint8Array.from(y.toString(16).padStart(64, "0").match(/../g) ?? [], (pair) => parseInt(pair, 16));
  return join(fromAscii("\u0004"), compressed.slice(1), written);
}

/** @param {bigint} base @param {bigint} exponent */
function power(base, exponent) {
  let result = 1n;
  let factor = base;
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * factor) % P;
    factor = (factor * factor) % P;
  }
  return result;
}
