/** A card's code, judged without a network (docs/card-code.md). The caller knows what is revoked or was used. */

import { fromAscii, fromBase64Url, join, readDigits, toBase64Url, toHex, toNumber, toUuid } from "noren/till/bytes";
import { expandPoint } from "noren/till/p256";
import { cleanScanned } from "noren/till/scanned_text";

/**
 * @typedef {import("noren/till/bytes").Bytes} Bytes
 * @typedef {{ key: CryptoKey, isRevoked: boolean }} ProgramKey
 * @typedef {{ keyId: string, memberId: string, serialOf: Bytes, expiresAt: number, publicKey: Bytes,
 *   certificate: Bytes, step: number, stepBytes: Bytes, signature: Bytes }} CardCode
 */

const CERTIFICATE_BYTES = 118;
const SIGNED_BYTES = 54;
const CODE_BYTES = 186;
const DAY_MS = 86_400_000;
export const STEP_MS = 30_000;
export const SKEW_STEPS = 1;

/** @param {string} text @returns {CardCode | null} null: it was never a card's code */
export function readCode(text) {
  const raw = readDigits(cleanScanned(text), CODE_BYTES);
  if (raw === null || raw[0] !== 1) return null;
  const memberId = raw.slice(3, 19);
  const publicKey = raw.slice(21, 54);
  return {
    keyId: toHex(raw.slice(1, 3)),
    memberId: toUuid(memberId),
    serialOf: join(memberId, publicKey),
    expiresAt: toNumber(raw.slice(19, 21)) * DAY_MS,
    publicKey,
    certificate: raw.slice(0, CERTIFICATE_BYTES),
    step: toNumber(raw.slice(118, 122)),
    stepBytes: raw.slice(118, 122),
    signature: raw.slice(122),
  };
}

/** By which a phone's key is revoked. @param {CardCode} code */
export async function serialOf(code) {
  return toBase64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", code.serialOf)).slice(0, 16));
}

/** @param {string} publicKey Base64url @returns {Promise<CryptoKey>} Throws where the browser lacks Ed25519. */
export function importProgramKey(publicKey) {
  return crypto.subtle.importKey("raw", fromBase64Url(publicKey), { name: "Ed25519" }, false, ["verify"]);
}

/**
 * @param {CardCode} code @param {ReadonlyMap<string, ProgramKey>} keys of one program, by key id
 * @param {number} at by the corrected clock
 * @returns {Promise<"foreign_program" | "forged" | "revoked" | "expired" | "old" | "early" | null>}
 */
export async function judgeCode(code, keys, at) {
  const key = keys.get(code.keyId);
  if (key === undefined) return "foreign_program";
  if (!(await isCertified(code, key.key)) || !(await isSignedByPhone(code))) return "forged";
  if (key.isRevoked) return "revoked";
  if (at >= code.expiresAt) return "expired";
  const ahead = code.step - Math.floor(at / STEP_MS);
  if (ahead < -SKEW_STEPS) return "old";
  return ahead > SKEW_STEPS ? "early" : null;
}

/** @param {CardCode} code @param {CryptoKey} key */
function isCertified(code, key) {
  const signed = join(fromAscii("noren-card-certificate-1\0"), code.certificate.slice(0, SIGNED_BYTES));
  return crypto.subtle.verify({ name: "Ed25519" }, key, code.certificate.slice(SIGNED_BYTES), signed);
}

/** @param {CardCode} code */
async function isSignedByPhone(code) {
  const point = expandPoint(code.publicKey);
  if (point === null) return false;
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const key = await crypto.subtle.importKey("raw", point, curve, false, ["verify"]);
  const signed = join(fromAscii("noren-card-code-1\0"), code.certificate, code.stepBytes);
  return crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, code.signature, signed);
}
