/** The purchase after a scan: amount, points, coupons, what it comes to, done, undone. */

import { hasLine, isDone } from "noren/till/api";
import { copyPart, fill, find, word, writeNumber } from "noren/till/app";
import { serverNow } from "noren/till/clock";
import { note } from "noren/till/day";
import { readMoney, takeMoney, typeMoney, writeMoney } from "noren/till/money";
import { forget, report } from "noren/till/queue";
import { keepPurchase } from "noren/till/scan";
import { finish, makeAttempt, mayTryAgain, quote, toPay, undoSteps } from "noren/till/sale_steps";
import { isFull } from "noren/till/store";
import { showVerdict } from "noren/till/verdict";

/** @typedef {NonNullable<import("noren/till/scan").Verdict["scan"]>} Scan */

const place = find("[data-sale]", HTMLFormElement);
const coupons = find("[data-coupons]", HTMLElement, place);
const lines = find("[data-lines]", HTMLElement, place);
const undo = find("[data-undo-sale]", HTMLButtonElement);

/** @type {Scan | null} */
let scan = null;
let attempt = makeAttempt();
/** @type {string[]} codes that were scanned or typed for this basket */
let codes = [];
/** @type {(() => Promise<boolean>) | null} */
let takeBack = null;
let isBusy = false;

/** @param {Scan} found @param {any} result of the scan; undefined: it waits to be reported */
export function openSale(found, result) {
  scan = found;
  attempt = makeAttempt();
  codes = [];
  place.reset();
  lines.replaceChildren();
  coupons.replaceChildren();
  field("receipt").value = makeReceipt();
  const isKnown = "scan_id" in found;
  const canSpend = isKnown && result?.points_balance > 0 && result?.trust === "high";
  find("[data-points]", HTMLElement, place).hidden = !canSpend;
  find("[data-codes]", HTMLElement, place).hidden = !isKnown;
  if (canSpend) field("points").max = String(result.points_balance);
  const titles = (result?.usable_coupons ?? []).map((/** @type {any} */ each) => each.title);
  fill(place, {
    needs_line: isKnown ? "" : word("sale_needs_line"),
    usable: titles.length === 0 ? "" : word("usable", { titles: titles.join("、") }),
    total: "",
    fault: "",
  });
  takeBack = null;
  undo.hidden = true;
  place.hidden = false;
  if (matchMedia("(pointer: fine)").matches) field("amount").focus({ preventScroll: true });
}

export function closeSale() {
  scan = null;
  place.hidden = true;
}

/** @param {string} name */
function field(name) {
  return find(`[name="${name}"]`, HTMLInputElement, place);
}

/** Unique at the store, and short enough to be read aloud. */
function makeReceipt() {
  const at = new Date(serverNow()).toISOString().replace(/\D/g, "");
  return `N${at.slice(2, 14)}-${crypto.randomUUID().slice(0, 4).toUpperCase()}`;
}

function readLines() {
  return [...lines.querySelectorAll("[data-line]")].flatMap((line) => {
    const read = (/** @type {string} */ name) => find(`[data-of="${name}"]`, HTMLInputElement, line).value.trim();
    const price = readMoney(read("price"));
    if (Number.isNaN(price)) return [];
    const code = read("code");
    const bare = { quantity: Math.max(1, Number(read("quantity")) || 1), unit_price: price };
    return [code === "" ? bare : { ...bare, code }];
  });
}

function readWish() {
  const listed = readLines();
  const sum = listed.reduce((whole, line) => whole + line.quantity * line.unit_price, 0);
  const chosen = [...coupons.querySelectorAll("input:checked")].map((box) => /** @type {HTMLInputElement} */ (box).value);
  return {
    receipt: field("receipt").value.trim(),
    total: listed.length > 0 ? sum : readMoney(field("amount").value),
    lines: listed,
    points: Number(field("points").value) || 0,
    couponIds: codes.length > 0 ? [] : chosen,
    codes,
  };
}

/** Another wish is another attempt: what the former one holds is let go. */
async function changeWish() {
  const former = attempt;
  if (readLines().length > 0) field("amount").value = typeMoney(readWish().total);
  if (former.purchase !== null || (former.reservation === null && former.spent === null)) {
    if (former.purchase === null) attempt = makeAttempt();
    return;
  }
  attempt = makeAttempt();
  if (scan === null || !("scan_id" in scan)) return;
  const failure = await undoSteps(former, scan);
  if (failure !== null) complain(failure.answer.body?.detail ?? word("say_needs_line"));
}

/** @param {string} text */
function complain(text) {
  fill(place, { fault: text });
}

/** A coupon's own code: it is looked at with the basket. @param {string} code */
export function addCode(code) {
  if (scan === null || !("scan_id" in scan)) return false;
  if (!codes.includes(code)) codes.push(code);
  void showQuote();
  return true;
}

export function knownScan() {
  return scan !== null && "scan_id" in scan ? scan : null;
}

async function showQuote() {
  if (scan === null || !("scan_id" in scan)) return;
  const wish = readWish();
  if (!(wish.total > 0)) {
    complain(word("amount_first"));
    field("amount").focus();
    return;
  }
  const answer = await quote(scan, wish);
  if (!isDone(answer)) return complain(answer.body?.detail ?? word("say_needs_line"));
  complain("");
  coupons.replaceChildren(...answer.body.coupons.map(drawCoupon));
  if (answer.body.coupons.length === 0) fill(place, { usable: word("no_coupons") });
  showTotal(answer.body.discount, answer.body.to_pay);
}

/** @param {any} quoted */
function drawCoupon(quoted) {
  const part = copyPart("coupon");
  const box = find("input", HTMLInputElement, part);
  box.value = quoted.coupon_id;
  box.checked = quoted.applies;
  box.disabled = !quoted.applies;
  fill(part, {
    name: quoted.title,
    worth: quoted.discount > 0 ? word("takes_off", { amount: writeMoney(quoted.discount) }) : "",
    why: quoted.message ?? "",
  });
  return part;
}

/** @param {number} discount @param {number} pay */
function showTotal(discount, pay) {
  fill(place, { total: word("total", { discount: writeMoney(discount), pay: writeMoney(pay) }) });
}

async function submit() {
  const wish = readWish();
  if (scan === null || attempt.purchase !== null) return;
  if (Number.isNaN(wish.total)) {
    complain(word("amount_first"));
    field("amount").focus();
    return;
  }
  if (!("scan_id" in scan) || !hasLine()) return keepIt(scan, wish);
  const failure = await finish(scan, wish, attempt);
  if (failure === null) return showDone(scan, wish);
  if (failure.step === "purchase" && mayTryAgain(failure)) return keepIt(scan, wish, failure.asked);
  complain(mayTryAgain(failure) ? word("press_again") : (failure.answer.body?.detail ?? word("say_unknown")));
}

/**
 * @param {Scan} reference @param {ReturnType<typeof readWish>} wish
 * @param {import("noren/till/sale_steps").Asked} [online] what was asked, if its answer is lost: perhaps it is recorded
 */
async function keepIt(reference, wish, online) {
  const isMoreAsked = wish.points > 0 || wish.couponIds.length + wish.codes.length > 0;
  if (isMoreAsked && attempt.redeemed === null && attempt.spent === null) return complain(word("sale_needs_line"));
  try {
    const kept = { amount: toPay(wish, attempt), receipt: wish.receipt, at: serverNow(), online };
    const id = await keepPurchase(reference, kept);
    const done = attempt;
    const isAsked = "scan_id" in reference && online !== undefined;
    offerUndo(isAsked ? () => takeBackAsked(id, reference, wish, done) : () => forget(id));
    showVerdict({ tone: "good", reason: "purchase_kept", isOffline: true });
    place.hidden = true;
    void report();
  } catch (error) {
    if (!isFull(error)) throw error;
    showVerdict({ tone: "bad", reason: "storage_full", isOffline: true });
  }
}

/**
 * Whether it is recorded nobody knows: it is finished first, and then comes back as a whole.
 * @param {number} id @param {import("noren/till/sale_steps").Known} known @param {ReturnType<typeof readWish>} wish
 * @param {ReturnType<typeof makeAttempt>} done
 */
async function takeBackAsked(id, known, wish, done) {
  const failure = await finish(known, wish, done);
  if (failure !== null && mayTryAgain(failure)) {
    showVerdict({ tone: "bad", reason: "not_undone", detail: word("press_again") });
    return false;
  }
  const isGone = await forget(id);
  return (isGone || done.purchase !== null) && undoAll(done, known);
}

/** @param {ReturnType<typeof makeAttempt>} done @param {import("noren/till/sale_steps").Known} known */
async function undoAll(done, known) {
  const failure = await undoSteps(done, known);
  if (failure !== null) showVerdict({ tone: "bad", reason: "not_undone", detail: failure.answer.body?.detail ?? "" });
  return failure === null;
}

/** @param {import("noren/till/sale_steps").Known} known @param {ReturnType<typeof readWish>} wish */
async function showDone(known, wish) {
  const { purchase, reservation } = attempt;
  const done = attempt;
  await note({ kind: "purchase", is_offline: false, text: wish.receipt, amount: toPay(wish, done) });
  if (reservation !== null) await note({ kind: "coupon", is_offline: false, text: "" });
  offerUndo(() => undoAll(done, known));
  const points = purchase.points_earned ?? 0;
  const detail = points > 0 ? word("earned_points", { points: writeNumber(points) }) : "";
  showVerdict({ tone: "good", reason: "purchase_done", detail });
  place.hidden = true;
}

/** @param {() => Promise<boolean>} work */
function offerUndo(work) {
  takeBack = work;
  undo.hidden = false;
  undo.focus();
}

/** Nobody presses twice while something is under way. @param {() => Promise<unknown>} work */
async function alone(work) {
  if (isBusy) return;
  isBusy = true;
  place.setAttribute("aria-busy", "true");
  try {
    await work();
  } finally {
    isBusy = false;
    place.removeAttribute("aria-busy");
  }
}

export function startSales() {
  takeMoney(field("amount"));
  place.addEventListener("submit", (event) => {
    event.preventDefault();
    void alone(submit);
  });
  place.addEventListener("input", () => void changeWish());
  find("[data-quote]", HTMLButtonElement, place).addEventListener("click", () => void alone(showQuote));
  find("[data-add-line]", HTMLButtonElement, place).addEventListener("click", () => {
    const line = copyPart("line");
    takeMoney(find("[data-of='price']", HTMLInputElement, line));
    lines.append(line);
    find("input", HTMLInputElement, line).focus();
  });
  undo.addEventListener("click", () => void alone(async () => {
    const work = takeBack;
    if (work === null || !(await work())) return;
    takeBack = null;
    undo.hidden = true;
    showVerdict({ tone: "care", reason: "purchase_undone" });
  }));
}
