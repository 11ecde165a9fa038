/** Requests to the public API in this device's name, and what its refusals mean in plain words. */

import { readClock } from "noren/card/clock";
import { drop, keep, recall } from "noren/card/store";
import { hasWord, word } from "noren/card/words";

/** The server has answered that it will not. */
export class Refusal extends Error {
  /** @param {number} status @param {Record<string, any>} problem */
  constructor(status, problem) {
    super(String(problem["detail"] ?? status));
    this.status = status;
    this.problem = problem;
    /** Such as `coupon-expired` (docs/problems.md). */
    this.type = String(problem["type"] ?? "").replace("urn:noren:problem:", "");
  }
}

/** Nothing has answered: there is no network, or no server. */
export class Unreachable extends Error {}

/**
 * Raises Refusal and Unreachable.
 * @param {string} method @param {string} path @param {Asked} asked
 *
 * @typedef {{ body?: unknown, token?: string | null, key?: string }} Asked
 *   `token`: null for who has none; left out: this device's. `key`: the Idempotency-Key.
 */
async function send(method, path, { body, token, key }) {
  const shown = token === undefined ? (await recall("membership"))?.token : token;
  const headers = new Headers();
  if (shown) headers.set("Authorization", `Bearer ${shown}`);
  if (key !== undefined) headers.set("Idempotency-Key", key);
  if (body !== undefined) headers.set("Content-Type", "application/json");
  const askedAt = Date.now();
  /** @type {Response} */
  let answer;
  try {
    const sent = body === undefined ? null : JSON.stringify(body);
    answer = await fetch(path, { method, headers, body: sent, cache: "no-store" });
  } catch (error) {
    throw new Unreachable("no answer", { cause: error });
  }
  readClock(answer, askedAt);
  if (answer.ok) return answer;
  const refusal = new Refusal(answer.status, readProblem(await answer.text()));
  if (answer.status === 401 && token === undefined) document.dispatchEvent(new CustomEvent("card:signed-out"));
  throw refusal;
}

/**
 * Raises Refusal and Unreachable.
 * @param {string} method @param {string} path @param {Asked} [asked]
 * @returns {Promise<any>} the body of the answer; null where there is none
 */
export async function call(method, path, asked = {}) {
  const text = await (await send(method, path, asked)).text();
  return text === "" ? null : JSON.parse(text);
}

/**
 * The same for a file. Raises Refusal and Unreachable.
 * @param {string} method @param {string} path @param {Asked} [asked]
 */
export async function callForFile(method, path, asked = {}) {
  return (await send(method, path, asked)).blob();
}

/** @param {string} text */
function readProblem(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {}; // a proxy's page
  }
}

/**
 * A write that happens once, however often it must be sent: its Idempotency-Key and body are kept until it is answered.
 * `name` says which one it is. Raises Refusal and Unreachable.
 * @param {string} name @param {string} method @param {string} path @param {Asked} asked
 */
export async function callOnce(name, method, path, asked) {
  const kept = `sending:${name}`;
  const text = JSON.stringify([path, asked.body ?? null]);
  const former = await recall(kept);
  const key = former?.text === text ? former.key : crypto.randomUUID();
  await keep(kept, { key, text });
  try {
    const answer = await call(method, path, { ...asked, key });
    await drop(kept);
    return answer;
  } catch (error) {
    // A refusal is an answer; after a 503, a 429 or none the same is sent again.
    if (error instanceof Refusal && error.status < 500 && error.status !== 429) await drop(kept);
    throw error;
  }
}

/** What to say to a person. @param {unknown} error */
export function sayProblem(error) {
  if (error instanceof Unreachable) return word("problem_unreachable");
  if (!(error instanceof Refusal)) return word("problem_other");
  // A page's route answers with a page, which has no type.
  const type = error.type === "" && error.status === 429 ? "too_many_attempts" : error.type.replaceAll("-", "_");
  const own = `problem_${type}`;
  return hasWord(own) ? word(own) : word("problem_other");
}
