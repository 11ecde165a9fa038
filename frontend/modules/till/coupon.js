/** A coupon's code by itself: from the app, from paper, or signed for a till without a network. */

import { ask, hasLine, isDone, isUndecided, problemOf } from "noren/till/api";
import { locale, word } from "noren/till/app";
import { serverNow } from "noren/till/clock";
import { note } from "noren/till/day";
import { hasFreshTerms, knownKeys, termsOf, whyBlind } from "noren/till/knowledge";
import { judgeCoupon, readOfflineCoupon } from "noren/till/offline_coupon";
import { forget, readUses, report, takeUse } from "noren/till/queue";
import { addCode, knownScan } from "noren/till/sale";
import { refuse } from "noren/till/scan";
import { isFull } from "noren/till/store";

/**
 * @typedef {import("noren/till/scan").Verdict & { text?: string, detail?: string, takeBack?: () => Promise<boolean> }} CouponVerdict
 */

/** @param {string} code @returns {Promise<CouponVerdict | null>} null: it is looked at with the basket */
export async function useCoupon(code) {
  if (!hasLine()) return refuse("needs_line", { isOffline: true });
  const answer = await ask("POST", "/v1/redemptions", { key: crypto.randomUUID(), body: { coupon: code, locale } });
  if (isUndecided(answer)) return refuse("needs_line", { isOffline: true });
  if (problemOf(answer) === "basket-required" && addCode(code)) return null;
  return isDone(answer) ? celebrate(answer.body) : refuse(problemOf(answer), { result: answer.body });
}

/** A code on paper becomes a coupon of whose card was scanned. @param {string} code @returns {Promise<CouponVerdict | null>} */
export async function claimPaperCode(code) {
  const scan = knownScan();
  if (scan === null) return refuse(hasLine() ? "scan_first" : "needs_line", { tone: "care" });
  const asked = { ...scan, code, locale };
  const claim = (/** @type {boolean} */ redeem) =>
    ask("POST", "/v1/coupons/claim", { key: crypto.randomUUID(), body: { ...asked, redeem } });
  const answer = await claim(true);
  if (problemOf(answer) === "basket-required") {
    const claimed = await claim(false);
    if (isDone(claimed) && addCode(claimed.body.coupon)) return null;
  }
  if (isUndecided(answer)) return refuse("needs_line", { isOffline: true });
  if (!isDone(answer)) return refuse(problemOf(answer), { result: answer.body });
  return celebrate({ ...answer.body.redemption, title: answer.body.title, body: answer.body.body });
}

/** @param {any} redemption @returns {Promise<CouponVerdict>} */
async function celebrate(redemption) {
  await note({ kind: "coupon", is_offline: false, text: redemption.title });
  const { member_id, redemption_id } = redemption;
  const takeBack = async () => {
    const key = crypto.randomUUID();
    return isDone(await ask("POST", "/v1/redemptions/undo", { key, body: { member_id, redemption_id } }));
  };
  const shown = { text: redemption.title, detail: redemption.body, takeBack };
  return { tone: "good", reason: "coupon_used", isFinal: true, isOffline: false, ...shown };
}

/** @param {string} text signed for tills without a network @returns {Promise<CouponVerdict>} */
export async function useOfflineCoupon(text) {
  const coupon = readOfflineCoupon(text);
  if (coupon === null) return refuse("not_a_coupon");
  const blind = whyBlind() ?? (hasFreshTerms() ? null : "terms_unknown");
  if (blind !== null) return refuse(blind, { isOffline: true });
  const terms = termsOf(coupon.termsKey);
  const at = serverNow();
  const reason = await judgeCoupon(coupon, knownKeys(), terms, await readUses(coupon.couponId, coupon.uses), at);
  if (reason !== null) return refuse(`coupon_${reason}`, { isOffline: true });
  try {
    const id = await takeUse({ at, coupon: text, coupon_id: coupon.couponId, uses: coupon.uses });
    if (id === null) return refuse("coupon_redeemed", { isOffline: true }); // another tab was faster
    await note({ kind: "coupon", is_offline: !hasLine(), text: inLanguage(terms?.title) });
    void report();
    const shown = { text: inLanguage(terms?.title), detail: inLanguage(terms?.body), takeBack: () => forget(id) };
    return { tone: "good", reason: "coupon_kept", isFinal: true, isOffline: !hasLine(), ...shown };
  } catch (error) {
    if (isFull(error)) return refuse("storage_full", { isOffline: true });
    throw error;
  }
}

/** @param {Record<string, string> | undefined} texts */
function inLanguage(texts) {
  return texts?.[locale] ?? Object.values(texts ?? {})[0] ?? word("coupon");
}
