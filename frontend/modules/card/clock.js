/**
 * The server's time. How far this device's clock is ahead of it is learnt from answers of the network alone, never from
 * what the worker has kept: an old answer would put the clock back to when it came.
 */

import { keep, recall } from "noren/card/store";

const KEPT = "clock_ahead_ms";
const STEP_MS = 30_000;
/** A `Date` has whole seconds: on the average half a second has passed. */
const MEAN_REST_MS = 500;
let aheadMs = 0;

export async function startClock() {
  const kept = await recall(KEPT);
  if (typeof kept === "number") aheadMs = kept;
}

/** @param {Response} answer of the network @param {number} askedAt by this device's clock */
export function readClock(answer, askedAt) {
  const said = Date.parse(answer.headers.get("date") ?? "");
  if (Number.isNaN(said)) return;
  const middle = (askedAt + Date.now()) / 2;
  const measured = Math.round(middle - said - MEAN_REST_MS);
  // What the measure itself leaves open is no news.
  if (Math.abs(measured - aheadMs) < 1_000) return;
  aheadMs = measured;
  void keep(KEPT, aheadMs);
  document.dispatchEvent(new CustomEvent("card:clock"));
}

/** In milliseconds since 1970. */
export function serverNow() {
  return Date.now() - aheadMs;
}

/** docs/card-code.md: whole steps of 30 seconds. */
export function currentStep() {
  return Math.floor(serverNow() / STEP_MS);
}

export function msToNextStep() {
  return STEP_MS - (serverNow() % STEP_MS);
}
