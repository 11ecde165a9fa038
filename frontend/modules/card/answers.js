/** Answers of the API, kept: what was known last is shown at once, and anew when the network has answered. */

import { call, Refusal } from "noren/card/api";
import { keep, recall } from "noren/card/store";

/** What was kept alone. @param {string} name @param {(answer: any, at: number) => unknown} show */
export async function showKept(name, show) {
  const kept = await recall(`answer:${name}`);
  if (kept !== undefined) await show(kept.body, kept.at);
}

/**
 * `show` is called with what was kept, where something was, and with the newest answer. Raises Refusal and Unreachable
 * where that could not be had.
 * @param {string} name @param {string} path
 * @param {(answer: any, at: number) => unknown} show `at`: when it was asked for
 */
export async function showKnown(name, path, show) {
  await showKept(name, show);
  const at = Date.now();
  const body = await call("GET", path);
  await keep(`answer:${name}`, { body, at });
  await show(body, at);
}

/** The same for what may be gone: a 404 is shown as null. @type {typeof showKnown} */
export async function showIfThere(name, path, show) {
  try {
    await showKnown(name, path, show);
  } catch (error) {
    if (!(error instanceof Refusal) || error.status !== 404) throw error;
    await show(null, Date.now());
  }
}
