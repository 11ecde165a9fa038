/** Asking the server, with the till's key. */

import { locale, tell } from "noren/till/app";
import { readClock } from "noren/till/clock";
import { recall } from "noren/till/store";

/**
 * `status` 0: no answer came, and nobody knows whether the server has done it.
 * @typedef {{ status: number, body: any, headers: Headers | null }} Answer
 */

/** A cashier waits no longer; what comes later is found again by the Idempotency-Key. */
const PATIENCE_MS = 8_000;
let isOnline = navigator.onLine;
let isRefused = false;

/** Whether the till's key is good no more: another device is the till, or none. */
export function hasEnded() {
  return isRefused;
}

/** @param {boolean} now */
function noteRefusal(now) {
  if (now === isRefused) return;
  isRefused = now;
  tell("line");
}

export function hasLine() {
  return isOnline && navigator.onLine;
}

/** @param {boolean} now */
function noteLine(now) {
  if (now === isOnline) return;
  isOnline = now;
  tell("line");
}

/**
 * @param {string} method @param {string} path
 * @param {{ body?: unknown, key?: string, etag?: string, isAnyone?: boolean, patienceMs?: number }} [asked]
 *   `key`: the Idempotency-Key
 * @returns {Promise<Answer>}
 */
export async function ask(method, path, { body, key, etag, isAnyone = false, patienceMs = PATIENCE_MS } = {}) {
  /** @type {Record<string, string>} */
  const headers = { "Accept-Language": locale };
  if (!isAnyone) headers["Authorization"] = `Bearer ${(await recall("till"))?.key ?? ""}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key !== undefined) headers["Idempotency-Key"] = key;
  if (etag !== undefined && etag !== "") headers["If-None-Match"] = etag;
  const askedAt = Date.now();
  const sent = { method, headers, cache: /** @type {const} */ ("no-store"), signal: AbortSignal.timeout(patienceMs) };
  try {
    const answer = await fetch(path, body === undefined ? sent : { ...sent, body: JSON.stringify(body) });
    noteLine(true);
    if (!isAnyone) noteRefusal(answer.status === 401);
    await readClock(answer, askedAt);
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? null : JSON.parse(text), headers: answer.headers };
  } catch {
    noteLine(false);
    return { status: 0, body: null, headers: null };
  }
}

/** Whether the server took it. @param {Answer} answer */
export function isDone(answer) {
  return answer.status >= 200 && answer.status < 300;
}

/** Whether the same may be asked again later: nothing was decided. @param {Answer} answer */
export function isUndecided({ status, body }) {
  const isBusy = typeof body?.type === "string" && body.type.endsWith("idempotency-in-flight");
  return status === 0 || status >= 500 || status === 408 || status === 429 || isBusy;
}

/** The last part of a problem's type, such as `undo-expired`. @param {Answer} answer */
export function problemOf({ body }) {
  return typeof body?.type === "string" ? (body.type.split(":").pop() ?? "") : "";
}
