/**
 * What one sale asks of the server, step by step: hold the coupons, take the points, use the coupons, record the
 * purchase. Each step has one Idempotency-Key for as long as nothing of the sale changes, so whoever presses again after a
 * lost answer does nothing twice.
 */

import { ask, isDone, isUndecided } from "noren/till/api";
import { locale } from "noren/till/app";

/**
 * @typedef {{ quantity: number, unit_price: number, code?: string }} Line
 * @typedef {{ member_id: string, scan_id: string }} Known
 * @typedef {{ receipt: string, total: number, lines: Line[], points: number, couponIds: string[], codes: string[] }} Wish
 * @typedef {{ keys: Record<string, string>, reservation: any, spent: any, redeemed: any, purchase: any,
 *   receipt: string }} Attempt
 * @typedef {{ key: string, body: unknown }} Asked
 * @typedef {{ step: string, answer: import("noren/till/api").Answer, asked?: Asked }} Failure
 */

/** @returns {Attempt} */
export function makeAttempt() {
  const steps = ["reserve", "spend", "redeem", "purchase", "free", "void_points", "void", "refund"];
  const keys = Object.fromEntries(steps.map((step) => [step, crypto.randomUUID()]));
  return { keys, reservation: null, spent: null, redeemed: null, purchase: null, receipt: "" };
}

/** @param {Wish} wish */
function basketOf({ lines, total }) {
  return { lines: lines.length > 0 ? lines : [{ quantity: 1, unit_price: total }], total };
}

/** @param {Known} scan @param {Wish} wish what the coupons take off; nothing is held by it */
export function quote(scan, wish) {
  const presented = wish.codes.length > 0 ? { coupons: wish.codes } : scan;
  return ask("POST", "/v1/coupons/quote", { body: { ...presented, basket: basketOf(wish), locale } });
}

/**
 * @param {Known} scan @param {Wish} wish @param {Attempt} attempt what is done of it is kept there
 * @returns {Promise<Failure | null>} null: all of it is done
 */
export async function finish(scan, wish, attempt) {
  /** @type {[string, boolean, keyof Attempt, string, () => unknown][]} */
  const steps = [
    ["reserve", wish.couponIds.length + wish.codes.length > 0, "reservation", "/v1/reservations", () => ({
      ...(wish.codes.length > 0 ? { coupons: wish.codes } : { ...scan, coupon_ids: wish.couponIds }),
      basket: basketOf(wish), locale,
    })],
    ["spend", wish.points > 0, "spent", "/v1/points/spend", () => ({
      ...scan, receipt: wish.receipt, points: wish.points,
    })],
    ["redeem", attempt.reservation !== null || wish.couponIds.length + wish.codes.length > 0, "redeemed",
      "/v1/reservations/redeem", () => ({
        member_id: attempt.reservation.member_id, reservation_id: attempt.reservation.reservation_id,
        receipt: wish.receipt, amount: attempt.reservation.to_pay, locale,
      })],
    ["purchase", true, "purchase", "/v1/purchases", () => ({
      ...scan, purchase: { receipt: wish.receipt, amount: toPay(wish, attempt) },
    })],
  ];
  attempt.receipt = wish.receipt;
  for (const [step, isAsked, place, path, write] of steps) {
    if (!isAsked || attempt[place] !== null) continue;
    const asked = { key: attempt.keys[step] ?? "", body: write() };
    // oxlint-disable-next-line no-await-in-loop -- each needs what the one before has brought
    const answer = await ask("POST", path, asked);
    if (!isDone(answer)) return { step, answer, asked };
    attempt[place] = answer.body;
  }
  return null;
}

/** @param {Wish} wish @param {Attempt} attempt */
export function toPay(wish, attempt) {
  return attempt.reservation?.to_pay ?? wish.total;
}

/**
 * The whole sale comes back, as far as it has come about: the purchase, the coupons, the points.
 * @param {Attempt} attempt @param {Known} scan @returns {Promise<Failure | null>}
 */
export async function undoSteps(attempt, scan) {
  const { keys, reservation, spent, purchase, receipt } = attempt;
  /** @type {[string, boolean, string, unknown][]} */
  const steps = [
    ["refund", purchase !== null, "/v1/refunds",
      { receipt, refund_receipt: `${receipt}-R`, member_id: scan.member_id }],
    ["void", reservation !== null, "/v1/reservations/void",
      { member_id: reservation?.member_id, reservation_id: reservation?.reservation_id }],
    ["void_points", spent !== null, "/v1/points/void", { receipt, member_id: scan.member_id }],
  ];
  for (const [step, isDue, path, body] of steps) {
    if (!isDue) continue;
    // oxlint-disable-next-line no-await-in-loop
    const answer = await ask("POST", path, { key: keys[step] ?? "", body });
    if (!isDone(answer)) return { step, answer };
  }
  return null;
}

/** Whether the sale is still to be settled by pressing again. @param {Failure} failure */
export function mayTryAgain({ answer }) {
  return isUndecided(answer);
}
