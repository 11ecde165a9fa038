/** One coupon, as the till reads it. */

import { call, Refusal, sayProblem, Unreachable } from "noren/card/api";
import { drawQr } from "noren/card/draw";
import { keep, recall } from "noren/card/store";
import { countDown } from "noren/card/validity";
import { fill, word, writeMoment } from "noren/card/words";

const LOOKED_AT_EVERY_MS = 5_000;
/** @type {(() => void)[]} */
let stops = [];

/** What the lists have brought. @param {string} id */
async function findKept(id) {
  const lists = await Promise.all([recall(`answer:coupon:${id}`), recall("answer:coupons"), recall("answer:summary")]);
  const all = [lists[0]?.body, ...(lists[1]?.body.items ?? []), ...(lists[2]?.body.coupons ?? [])];
  return all.find((coupon) => coupon?.id === id);
}

/** Pictures lie on this page's own origin too, whatever the address says. @param {HTMLElement} section @param {string | null} url */
function showPicture(section, url) {
  const picture = section.querySelector("img");
  if (picture === null) return;
  picture.hidden = url === null;
  if (url !== null) picture.src = new URL(url, location.href).pathname;
}

/** @param {any} coupon */
function sayState(coupon) {
  if (coupon.voided_at !== null) return word("voided");
  if (coupon.withdrawn_at !== null) return coupon.withdrawal_reason ?? word("withdrawn");
  if (coupon.redeemed_at !== null) return word("used_at", { time: writeMoment(coupon.redeemed_at) });
  if (Date.parse(coupon.usable_from ?? "1970-01-01") > Date.now()) {
    return word("usable_from", { time: writeMoment(coupon.usable_from) });
  }
  return null;
}

/** @param {HTMLElement} section @param {any} coupon */
async function showCoupon(section, coupon) {
  const state = sayState(coupon);
  const uses = coupon.uses > 1 ? word("uses_left", { left: coupon.uses_left, uses: coupon.uses }) : null;
  fill(section, { title: coupon.title, body: coupon.body, terms: coupon.terms, state, uses });
  showPicture(section, coupon.picture_url);
  const left = section.querySelector("[data-expires]");
  if (left instanceof HTMLElement) left.dataset["expires"] = coupon.expires_at;
  const signed = (await recall("answer:offline-coupons"))?.body.items ?? [];
  const offline = signed.find((/** @type {any} */ each) => each.id === coupon.id);
  showCode(section, "online", state === null ? coupon.code : undefined);
  showCode(section, "offline", state === null ? offline?.offline_code : undefined);
  section.dataset["coupon"] = state === null ? "open" : "over";
}

/** @param {HTMLElement} section @param {string} kind @param {string | undefined} code */
function showCode(section, kind, code) {
  const place = section.querySelector(`[data-coupon-code="${kind}"]`);
  if (!(place instanceof HTMLElement)) return;
  place.hidden = code === undefined;
  const picture = place.querySelector("[data-picture]");
  if (code === undefined || picture === null || place.dataset["code"] === code) return;
  drawQr(picture, code, "alphanumeric");
  place.dataset["code"] = code;
}

/** @param {HTMLElement} section @param {string} id */
async function refresh(section, id) {
  if (document.hidden) return;
  try {
    const coupon = await call("GET", `/v1/me/coupons/${encodeURIComponent(id)}`);
    await keep(`answer:coupon:${id}`, { body: coupon, at: Date.now() });
    if (stops.length > 0) await showCoupon(section, coupon);
    fill(section, { complaint: null });
  } catch (error) {
    if (error instanceof Unreachable) return; // what is kept is shown
    fill(section, { complaint: error instanceof Refusal && error.status === 404 ? word("no_coupon") : sayProblem(error) });
  }
}

/** @param {HTMLElement} section @param {string} [id] */
export async function show(section, id = "") {
  hide();
  fill(section, { title: null, body: null, terms: null, state: null, uses: null, complaint: null });
  for (const kind of ["online", "offline"]) showCode(section, kind, undefined);
  const kept = await findKept(id);
  if (kept !== undefined) await showCoupon(section, kept);
  const timer = setInterval(() => void refresh(section, id), LOOKED_AT_EVERY_MS);
  stops = [countDown(section), () => clearInterval(timer)];
  void refresh(section, id);
}

export function hide() {
  for (const stop of stops) stop();
  stops = [];
}
