/** The card's key: P-256, made by this browser, which gives its private half to nobody, not even to this page. */

import { compressPoint, proofMessage, toBase64Url } from "noren/card/code";

const SIGNING = { name: "ECDSA", hash: "SHA-256" };

export async function makeKey() {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  return /** @type {CryptoKeyPair} */ (pair);
}

/** r and s, 32 bytes each. @param {CryptoKeyPair} pair @param {Uint8Array<ArrayBuffer>} message */
export async function sign(pair, message) {
  return new Uint8Array(await crypto.subtle.sign(SIGNING, pair.privateKey, message));
}

/**
 * The body of POST /v1/me/card/key.
 * @param {CryptoKeyPair} pair @param {string} memberId @param {string} deviceId
 */
export async function proveKey(pair, memberId, deviceId) {
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const proof = await sign(pair, proofMessage(memberId, deviceId, compressPoint(point)));
  return { public_key: toBase64Url(point), proof: toBase64Url(proof) };
}
