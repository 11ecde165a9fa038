/** The coupons that can be used. */

import { sayProblem } from "noren/card/api";
import { showKnown } from "noren/card/answers";
import { leadTo, showList } from "noren/card/lists";
import { countDown } from "noren/card/validity";
import { fill, word, writeMoment } from "noren/card/words";

/** @type {(() => void) | undefined} */
let stopCounting;

/** @param {HTMLElement} place @param {any[]} coupons */
export function showCoupons(place, coupons) {
  showList(place, "coupon", coupons, (coupon, row) => {
    leadTo(row, `#/coupon/${coupon.id}`);
    const left = row.querySelector("[data-expires]");
    if (left instanceof HTMLElement) left.dataset["expires"] = coupon.expires_at;
    return { title: coupon.title, body: coupon.body };
  });
  return countDown(place);
}

/** @param {HTMLElement} section */
export async function show(section) {
  try {
    await showKnown("coupons", "/v1/me/coupons?usable=true", (page, at) => {
      stopCounting?.();
      stopCounting = showCoupons(section, page.items);
      fill(section, { as_of: word("as_of", { time: writeMoment(at) }), complaint: null });
    });
    // What a till takes without a line is kept for when this phone has none either.
    await showKnown("offline-coupons", "/v1/me/offline-coupons", () => undefined);
  } catch (error) {
    fill(section, { complaint: sayProblem(error) });
  }
}

export function hide() {
  stopCounting?.();
}
