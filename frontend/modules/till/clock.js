/**
 * The server's time. How far this device's clock is ahead of it is learnt from answers of the network alone, never from
 * what the worker has kept: an old answer would put the clock back to when it came.
 */

import { tell } from "noren/till/app";
import { keep, recall } from "noren/till/store";

/** A `Date` has whole seconds: on the average half a second has passed. */
const MEAN_REST_MS = 500;
const MINUTE_MS = 60_000;
let aheadMs = 0;

export async function startClock() {
  aheadMs = (await recall("ahead_ms")) ?? 0;
}

/** @param {Response} answer of the network @param {number} askedAt by this device's clock */
export async function readClock(answer, askedAt) {
  const said = Date.parse(answer.headers.get("date") ?? "");
  if (Number.isNaN(said)) return;
  const measured = Math.round((askedAt + Date.now()) / 2 - said - MEAN_REST_MS);
  if (Math.abs(measured - aheadMs) < 1_000) return; // what the measure itself leaves open is no news
  aheadMs = measured;
  tell("state");
  await keep("ahead_ms", aheadMs);
}

/** In milliseconds since 1970. */
export function serverNow() {
  return Date.now() - aheadMs;
}

/** By how many minutes the device's clock is wrong; 0: by less than one. */
export function minutesWrong() {
  return Math.abs(aheadMs) < MINUTE_MS ? 0 : Math.round(aheadMs / MINUTE_MS);
}
