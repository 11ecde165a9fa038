/**
 * What this device keeps: a database for each program. The till's key, what it needs to verify cards, what waits to be
 * reported, and what was done today. Nothing about members but what waits.
 */

import { makeDatabase } from "noren/shared/database";
import { program } from "noren/till/app";

/**
 * @typedef {{ id: string, key: string, name: string, store_id: string, store_name: string, time_zone: string }} PairedTill
 * @typedef {{ key_id: string, public_key: string, is_revoked: boolean }} KeptKey
 * @typedef {{ step_s: number, skew_steps: number, keys: KeptKey[], sequence: number, etag: string, at: number }} Bundle
 * @typedef {{ terms: import("noren/till/offline_coupon").Terms[], next_since: string, at: number }} CouponTerms
 * @typedef {{ member_id: string, scan_id: string }} ScanReference
 * @typedef {{ id: number, kind: "scan" | "purchase" | "coupon", till_id: string, key: string, at: number,
 *   card?: string, online?: { key: string, body: unknown }, coupon?: string, coupon_id?: string, uses?: number, amount?: number, receipt?: string,
 *   after?: number, scan?: ScanReference, not_before?: number, rejected?: string, why?: string }} Waiting
 * @typedef {{ id: number, at: number, kind: string, is_offline: boolean, text: string, amount?: number }} Deed
 */

const VERSION = 1;

const use = makeDatabase(`noren-till-${program}`, VERSION, (database) => {
  for (const name of ["kept", "revoked", "used", "coupons", "settled"]) database.createObjectStore(name);
  for (const name of ["queue", "day"]) database.createObjectStore(name, { keyPath: "id", autoIncrement: true });
});

/** @param {string} name @returns {Promise<any>} undefined: it is not there */
export function recall(name) {
  return use((database) => database.get("kept", name));
}

/** @param {string} name @param {unknown} value */
export function keep(name, value) {
  return use((database) => database.put("kept", value, name));
}

/** @param {string} name */
export function drop(name) {
  return use((database) => database.delete("kept", name));
}

/** @param {string} store @param {string} key @returns {Promise<any>} */
export function look(store, key) {
  return use((database) => database.get(store, key));
}

/** @param {string} store @returns {Promise<any[]>} */
export function all(store) {
  return use((database) => database.getAll(store));
}

/**
 * All or nothing, and on the disk before it is said to be done: what was acknowledged outlives a loss of power.
 * @template T
 * @param {string[]} stores
 * @param {(stores: Record<string, any>) => Promise<T>} work only waits for what it asks of the stores
 */
export function change(stores, work) {
  return use(async (database) => {
    const transaction = database.transaction(stores, "readwrite", { durability: "strict" });
    const opened = Object.fromEntries(stores.map((name) => [name, transaction.objectStore(name)]));
    try {
      const result = await work(opened);
      await transaction.done;
      return result;
    } catch (error) {
      abort(transaction);
      await transaction.done.catch(() => undefined);
      throw error;
    }
  });
}

/** What the browser has ended by itself is over already. @param {{ abort(): void }} transaction */
function abort(transaction) {
  try {
    transaction.abort();
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== "InvalidStateError") throw error;
  }
}

/** Whether there was no room: nothing of what was to be written is there then. @param {unknown} error */
export function isFull(error) {
  return error instanceof DOMException && (error.name === "QuotaExceededError" || error.name === "UnknownError");
}
