/** What the till knows without a network: the program's keys, what is revoked, the terms of coupons. */

import { ask, isDone } from "noren/till/api";
import { program, tell } from "noren/till/app";
import { importProgramKey } from "noren/till/card_code";
import { serverNow } from "noren/till/clock";
import { termsKeyOf } from "noren/till/offline_coupon";
import { change, keep, recall } from "noren/till/store";

/** @typedef {import("noren/till/store").Bundle} Bundle */

const EVERY_MS = 5 * 60_000;
const OLDEST_MS = 7 * 86_400_000;
/** @type {Map<string, import("noren/till/card_code").ProgramKey>} */
let keys = new Map();
/** @type {Bundle | undefined} */
let bundle;
/** @type {import("noren/till/store").CouponTerms | undefined} */
let coupons;
let lacksEd25519 = false;

export async function startKnowing() {
  lacksEd25519 = !(await knowsEd25519());
  await recallAll();
  document.addEventListener("till:state", () => void recallAll()); // another tab may have asked
  setInterval(() => void syncAll(), EVERY_MS);
  document.addEventListener("till:line", () => void syncAll());
}

async function recallAll() {
  bundle = await recall("bundle");
  coupons = await recall("coupon_terms");
  await importKeys();
}

async function knowsEd25519() {
  try {
    await crypto.subtle.importKey("raw", new Uint8Array(32), { name: "Ed25519" }, false, ["verify"]);
    return true;
  } catch (error) {
    // 32 zeros are a key like any other: a browser that knows the curve takes it or finds fault with its bytes.
    return error instanceof DOMException && error.name === "DataError";
  }
}

async function importKeys() {
  if (bundle === undefined || lacksEd25519) return;
  const imported = bundle.keys.map(async (each) => {
    const key = await importProgramKey(each.public_key);
    return /** @type {const} */ ([each.key_id, { key, isRevoked: each.is_revoked }]);
  });
  keys = new Map(await Promise.all(imported));
}

/** Why nothing can be verified here now, as the name of a word; null: it can. */
export function whyBlind() {
  if (lacksEd25519) return "no_ed25519";
  if (bundle === undefined) return "never_synced";
  return serverNow() - bundle.at > OLDEST_MS ? "synced_too_long_ago" : null;
}

export function knownKeys() {
  return keys;
}

/** When the server was last heard; null: never. */
export function syncedAt() {
  return bundle?.at ?? null;
}

/** @param {string} key */
export function termsOf(key) {
  return coupons?.terms.find((each) => key === termsKeyOf(each.campaign_id, each.campaign_version, each.variant_version));
}

/** Whether the list of used coupons is too old to take one. */
export function hasFreshTerms() {
  return coupons !== undefined && serverNow() - coupons.at <= OLDEST_MS;
}

/** One tab at a time is enough, and another one's news are read. */
export async function syncAll() {
  if ((await recall("till")) === undefined) return;
  await navigator.locks.request(`noren-till-sync-${program}`, async () => {
    await syncCards();
    await syncCoupons();
  });
  tell("state");
}

async function syncCards() {
  const former = await recall("bundle");
  const since = former?.sequence ?? 0;
  const path = `/v1/till/offline-verification?since=${since}`;
  const answer = await ask("GET", path, { etag: former?.etag ?? "" });
  if (answer.status === 304 && former !== undefined) {
    bundle = { ...former, at: serverNow() };
    await keep("bundle", bundle);
  }
  if (!isDone(answer)) return;
  const { keys: listed, revocations, sequence, step_s, skew_steps } = answer.body;
  const etag = answer.headers?.get("etag") ?? "";
  const fresh = { keys: listed, sequence, step_s, skew_steps, etag, at: serverNow() };
  await change(["kept", "revoked"], async ({ kept, revoked }) => {
    if (sequence < since) await revoked.clear(); // the server was restored from a copy: its list is whole
    const [serials, ends] = await Promise.all([revoked.getAllKeys(), revoked.getAll()]);
    const over = serials.filter((/** @type {string} */ _, /** @type {number} */ at) => Date.parse(ends[at]) < serverNow());
    await Promise.all(over.map((/** @type {string} */ serial) => revoked.delete(serial)));
    const writing = revocations.map((/** @type {any} */ each) => revoked.put(each.expires_at, each.serial));
    await Promise.all([...writing, kept.put(fresh, "bundle")]);
  });
  bundle = fresh;
  await importKeys();
}

/** A page after the other, each beginning where the one before has ended. */
async function syncCoupons() {
  const former = await recall("coupon_terms");
  const since = former === undefined ? "" : `?since=${encodeURIComponent(former.next_since)}`;
  const answer = await ask("GET", `/v1/till/offline-coupons${since}`);
  if (!isDone(answer)) return;
  const { terms, changes, next_since, has_more } = answer.body;
  const fresh = { terms, next_since, at: serverNow() };
  await change(["kept", "coupons"], async (stores) => {
    const writing = changes.map((/** @type {any} */ each) => stores["coupons"].put(each.is_voided ? "voided" : each.uses_left, each.coupon_id));
    await Promise.all([...writing, stores["kept"].put(fresh, "coupon_terms")]);
  });
  coupons = fresh;
  if (has_more) await syncCoupons();
}
