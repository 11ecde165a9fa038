/**
 * What waits to be reported: written to the disk before the cashier is told, in the order in which it happened, and
 * sent one by one, each under an Idempotency-Key of its own. So whatever ends the page in the middle, the same request
 * is sent again, and has one effect.
 */

import { ask, hasLine, isDone, isUndecided, problemOf } from "noren/till/api";
import { program, tell } from "noren/till/app";
import { serverNow } from "noren/till/clock";
import { noteReported } from "noren/till/day";
import { STEP_MS } from "noren/till/card_code";
import { all, change, recall } from "noren/till/store";

/** @typedef {import("noren/till/store").Waiting} Waiting */

const LOCK = `noren-till-report-${program}`;
/** By then a code is old, whoever shows it. */
const USED_MS = 4 * STEP_MS;
/** Of so many scans a purchase that comes later is told how the server knows them. */
const REMEMBERED = 200;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;
let pauseMs = FIRST_PAUSE_MS;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** @param {Omit<Waiting, "id" | "till_id" | "key">} record @returns {Promise<number>} Throws where there is no room. */
export async function addWaiting(record) {
  const till = await recall("till");
  const whole = { ...record, till_id: till.id, key: crypto.randomUUID() };
  const id = await change(["queue", "settled"], async ({ queue, settled }) => {
    const { after, ...rest } = whole;
    if (after === undefined || (await queue.get(after))?.rejected === undefined) {
      const known = after === undefined ? undefined : await settled.get(after);
      return queue.add(known === undefined ? whole : { ...rest, scan: known.scan });
    }
    return queue.add({ ...whole, rejected: "its_scan", why: "" });
  });
  tell("queue");
  return id;
}

/**
 * A code counts once, and what is shown as good is kept, both or neither.
 * @param {string} use serial and step @param {Omit<Waiting, "id" | "till_id" | "key"> | null} record null: it is known to the server
 * @returns {Promise<number | "replayed">}
 */
export async function takeCode(use, record) {
  const till = await recall("till");
  const id = await change(["used", "queue"], async ({ used, queue }) => {
    if ((await used.get(use)) !== undefined) return "replayed";
    const known = await used.getAllKeys();
    const times = await used.getAll();
    const stale = known.filter((/** @type {string} */ _, /** @type {number} */ at) => times[at] < serverNow() - USED_MS);
    await Promise.all(stale.map((/** @type {string} */ each) => used.delete(each)));
    await used.put(serverNow(), use);
    return record === null ? 0 : queue.add({ ...record, till_id: till.id, key: crypto.randomUUID() });
  });
  tell("queue");
  return id;
}

/**
 * How often a signed coupon may still be used: by the server's list, less what waits here.
 * @param {Record<string, any>} stores of one transaction @param {string} couponId @param {number} uses
 * @returns {Promise<number | "voided">}
 */
async function countUses({ coupons, queue }, couponId, uses) {
  const listed = (await coupons.get(couponId)) ?? uses;
  if (listed === "voided") return listed;
  const waiting = (await queue.getAll()).filter((/** @type {Waiting} */ each) => each.coupon_id === couponId);
  return listed - waiting.filter((/** @type {Waiting} */ each) => each.rejected === undefined).length;
}

/** @param {string} couponId @param {number} uses */
export function readUses(couponId, uses) {
  return change(["coupons", "queue"], (stores) => countUses(stores, couponId, uses));
}

/**
 * Counted and kept in one transaction: of two tabs that take the last use at the same instant, one takes it.
 * @param {{ at: number, coupon: string, coupon_id: string, uses: number }} taken @returns {Promise<number | null>} null: none is left
 */
export async function takeUse(taken) {
  const till = await recall("till");
  const id = await change(["coupons", "queue"], async (stores) => {
    const left = await countUses(stores, taken.coupon_id, taken.uses);
    if (left === "voided" || left <= 0) return null;
    return stores["queue"].add({ kind: "coupon", ...taken, till_id: till.id, key: crypto.randomUUID() });
  });
  tell("queue");
  return id;
}

/** @returns {Promise<Waiting[]>} */
export function listWaiting() {
  return all("queue");
}

/** Nothing of it was reported yet, and nothing will be. @param {number} id @returns {Promise<boolean>} false: too late */
export async function forget(id) {
  const isGone = await navigator.locks.request(LOCK, () =>
    change(["queue"], async ({ queue }) => {
      if ((await queue.get(id)) === undefined) return false;
      const waiting = await queue.getAll();
      const parts = waiting.filter((/** @type {Waiting} */ each) => each.id === id || each.after === id);
      await Promise.all(parts.map((/** @type {Waiting} */ each) => queue.delete(each.id)));
      return true;
    }),
  );
  tell("queue");
  return isGone;
}

export function startReporting() {
  addEventListener("online", () => void report());
  document.addEventListener("till:line", () => void report());
  document.addEventListener("visibilitychange", () => void report());
  void report();
}

/** Until nothing waits, or nobody answers. One tab at a time: what it reports another need not. */
export async function report() {
  clearTimeout(timer);
  const isOver = await navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => lock === null || reportAll());
  pauseMs = isOver ? FIRST_PAUSE_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  const waits = (await listWaiting()).some(({ rejected }) => rejected === undefined);
  if (waits) timer = setTimeout(() => void report(), pauseMs);
}

async function reportAll() {
  for (;;) {
    /* oxlint-disable no-await-in-loop -- one after the other: a purchase needs the scan before it */
    const next = await findNext();
    if (next === undefined) return true;
    if (!(await reportOne(next))) return false;
    tell("queue");
    /* oxlint-enable no-await-in-loop */
  }
}

async function findNext() {
  const till = await recall("till");
  const isDue = (/** @type {Waiting} */ each) =>
    each.rejected === undefined && each.till_id === till?.id && (each.not_before ?? 0) <= Date.now();
  return (await listWaiting()).find(isDue);
}

/** @param {Waiting} waiting @returns {Promise<boolean>} whether it is settled */
async function reportOne(waiting) {
  if (!hasLine() && !navigator.onLine) return false;
  if (waiting.kind === "purchase") return settlePurchase(waiting);
  return waiting.kind === "scan" ? settleScan(waiting) : settleCoupon(waiting);
}

/**
 * What was asked at once, and its answer was lost: with its key the server tells what has become of it.
 * @param {Waiting} waiting @param {string} path @returns {Promise<any>} null: it was not asked, or refused
 */
async function askAgain({ online }, path) {
  if (online === undefined) return null;
  const again = await ask("POST", path, online);
  if (isUndecided(again) || again.status === 401) return "undecided";
  return isDone(again) ? again.body : null;
}

/** @param {Waiting} waiting */
async function settleScan(waiting) {
  const again = await askAgain(waiting, "/v1/scans");
  if (again === "undecided") return false;
  if (again !== null) return conclude(waiting, { member_id: again.member_id, scan_id: again.scan_id });
  const scans = [{ card: waiting.card, scanned_at: new Date(waiting.at).toISOString() }];
  const answer = await ask("POST", "/v1/scans/offline", { key: waiting.key, body: { scans } });
  if (!isDone(answer)) return settleRefusal(waiting, answer);
  const [result] = answer.body.scans;
  if (result.outcome === "counted") return conclude(waiting, { member_id: result.member_id, scan_id: result.scan_id });
  return reject(waiting, result.outcome === "refused" ? result.reason : result.outcome, "");
}

/** @param {Waiting} waiting */
async function settlePurchase(waiting) {
  const again = await askAgain(waiting, "/v1/purchases");
  if (again === "undecided") return false;
  if (again !== null) return conclude(waiting, null);
  const purchase = { receipt: waiting.receipt, amount: waiting.amount };
  const body = { ...waiting.scan, purchase, purchased_at: new Date(waiting.at).toISOString() };
  const answer = await ask("POST", "/v1/purchases", { key: waiting.key, body });
  return isDone(answer) ? conclude(waiting, null) : settleRefusal(waiting, answer);
}

/** @param {Waiting} waiting */
async function settleCoupon(waiting) {
  const redemptions = [{ coupon: waiting.coupon, redeemed_at: new Date(waiting.at).toISOString() }];
  const answer = await ask("POST", "/v1/redemptions/offline", { key: waiting.key, body: { redemptions } });
  if (!isDone(answer)) return settleRefusal(waiting, answer);
  const [result] = answer.body.redemptions;
  if (result.outcome === "later") {
    // Another question then, so another key: under this one the answer stays what it is.
    const changed = { ...waiting, key: crypto.randomUUID(), not_before: Date.parse(result.held_until) };
    await change(["queue"], ({ queue }) => queue.put(changed));
    return true;
  }
  if (result.outcome === "conflict") return reject(waiting, result.conflict, "");
  return result.outcome === "refused" ? reject(waiting, result.reason, "") : conclude(waiting, null);
}

/** It is with the server; what refers to it now knows how. @param {Waiting} waiting @param {import("noren/till/store").ScanReference | null} scan */
async function conclude(waiting, scan) {
  await change(["queue", "settled", "coupons"], async ({ queue, settled, coupons }) => {
    if (waiting.coupon_id !== undefined) {
      const left = (await coupons.get(waiting.coupon_id)) ?? waiting.uses;
      if (left !== "voided") await coupons.put(Math.max(0, left - 1), waiting.coupon_id);
    }
    const others = await queue.getAll();
    const parts = others.filter((/** @type {Waiting} */ each) => each.after === waiting.id);
    await Promise.all(parts.map((/** @type {Waiting} */ part) => queue.put({ ...part, after: undefined, scan })));
    // What is bought a moment later refers to it too.
    if (scan !== null) await settled.put({ scan }, waiting.id);
    await settled.delete(IDBKeyRange.upperBound(waiting.id - REMEMBERED));
    await queue.delete(waiting.id);
  });
  await noteReported();
  return true;
}

/** @param {Waiting} waiting @param {import("noren/till/api").Answer} answer */
async function settleRefusal(waiting, answer) {
  if (isUndecided(answer) || answer.status === 401) return false;
  return reject(waiting, problemOf(answer), answer.body?.detail ?? "");
}

/** It stays where somebody sees it, and so does what refers to it. @param {Waiting} waiting @param {string} reason @param {string} why */
async function reject(waiting, reason, why) {
  await change(["queue"], async ({ queue }) => {
    const others = await queue.getAll();
    const parts = others.filter((/** @type {Waiting} */ each) => each.after === waiting.id);
    const marked = parts.map((/** @type {Waiting} */ part) => queue.put({ ...part, rejected: "its_scan", why: "" }));
    await Promise.all([...marked, queue.put({ ...waiting, rejected: reason, why })]);
  });
  return true;
}
