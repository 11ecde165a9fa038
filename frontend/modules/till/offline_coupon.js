/** A coupon's code for tills without a network, judged as docs/offline-coupons.md says. */

import { fromAscii, join, readBase32, toHex, toNumber, toUuid } from "noren/till/bytes";
import { cleanScanned } from "noren/till/scanned_text";

/**
 * @typedef {import("noren/till/bytes").Bytes} Bytes
 * @typedef {{ keyId: string, couponId: string, termsKey: string, uses: number, usableFrom: number, expiresAt: number,
 *   body: Bytes, signature: Bytes }} OfflineCoupon
 * @typedef {{ weekdays?: number[] | null, start: string, end: string }} UseHours
 * @typedef {{ campaign_id: string, campaign_version: number, variant_version: number, is_here: boolean,
 *   time_zone: string, hours: UseHours[], withdrawn_at: string | null, title: Record<string, string>,
 *   body: Record<string, string> }} Terms
 */

const PREFIX = "N1F";
const BYTES = 134;
const SIGNED_BYTES = 70;
/** A coupon may be used as soon as it is issued; clocks differ by so much. */
const CLOCK_LAG_MS = 60_000;
const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/** @param {string} text @returns {OfflineCoupon | null} */
export function readOfflineCoupon(text) {
  const code = cleanScanned(text).toUpperCase();
  const raw = code.startsWith(PREFIX) ? readBase32(code.slice(PREFIX.length), BYTES) : null;
  if (raw === null || raw[0] !== 1) return null;
  return {
    keyId: toHex(raw.slice(1, 3)),
    couponId: toUuid(raw.slice(19, 35)),
    termsKey: termsKeyOf(toUuid(raw.slice(35, 51)), toNumber(raw.slice(51, 55)), toNumber(raw.slice(55, 59))),
    uses: raw[59] ?? 0,
    usableFrom: toNumber(raw.slice(60, 65)) * 1000,
    expiresAt: toNumber(raw.slice(65, 70)) * 1000,
    body: raw.slice(0, SIGNED_BYTES),
    signature: raw.slice(SIGNED_BYTES),
  };
}

/** @param {string} campaignId @param {number} version @param {number} variant 0: none */
export function termsKeyOf(campaignId, version, variant) {
  return `${campaignId} ${version} ${variant}`;
}

/**
 * @param {OfflineCoupon} coupon @param {ReadonlyMap<string, import("noren/till/card_code").ProgramKey>} keys
 * @param {Terms | undefined} terms @param {number | "voided" | undefined} usesLeft by the till's list, less what it has taken since
 * @param {number} at by the corrected clock
 */
export async function judgeCoupon(coupon, keys, terms, usesLeft, at) {
  const key = keys.get(coupon.keyId);
  if (key === undefined) return "foreign_program";
  const signed = join(fromAscii("noren-offline-coupon-1\0"), coupon.body);
  if (!(await crypto.subtle.verify({ name: "Ed25519" }, key.key, coupon.signature, signed))) return "forged";
  if (key.isRevoked) return "revoked";
  if (coupon.expiresAt <= at) return "expired";
  if (terms === undefined) return "terms_unknown";
  if (usesLeft === "voided") return "voided";
  if ((usesLeft ?? coupon.uses) <= 0) return "redeemed";
  if (terms.withdrawn_at !== null && Date.parse(terms.withdrawn_at) <= at) return "withdrawn";
  if (!terms.is_here) return "other_store";
  if (at < coupon.usableFrom - CLOCK_LAG_MS) return "too_early";
  return isWithin(terms.hours, wallClock(at, terms.time_zone)) ? null : "outside_hours";
}

/** @param {number} at @param {string} timeZone @returns {{ weekday: number, time: string }} from 1, Monday; such as 09:05 */
function wallClock(at, timeZone) {
  const how = /** @type {const} */ ({ timeZone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat("en-GB", how).formatToParts(at).map(({ type, value }) => [type, value]),
  );
  return { weekday: WEEKDAYS.indexOf(parts["weekday"] ?? "") + 1, time: `${parts["hour"]}:${parts["minute"]}` };
}

/**
 * Hours that run past midnight belong to the day on which they begin.
 * @param {readonly UseHours[]} hours @param {{ weekday: number, time: string }} wall
 */
export function isWithin(hours, wall) {
  return hours.length === 0 || hours.some((each) => daysAt(each, wall).some((day) => isOf(each, day)));
}

/** @param {UseHours} hours @param {{ weekday: number, time: string }} wall */
function daysAt({ start, end }, { weekday, time }) {
  const yesterday = ((weekday + 5) % 7) + 1;
  if (start < end) return start <= time && time < end ? [weekday] : [];
  return [...(time >= start ? [weekday] : []), ...(time < end ? [yesterday] : [])];
}

/** @param {UseHours} hours @param {number} day */
function isOf({ weekdays }, day) {
  return weekdays === undefined || weekdays === null || weekdays.includes(day);
}
