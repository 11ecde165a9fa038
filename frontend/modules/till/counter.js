/** The counter: whatever is read, by camera, scanner or hand, goes to where it belongs; the answer is shown. */

import { ask, isDone } from "noren/till/api";
import { find, program, root, word } from "noren/till/app";
import { startCamera, stopCamera } from "noren/till/camera";
import { claimPaperCode, useCoupon, useOfflineCoupon } from "noren/till/coupon";
import { forget, report } from "noren/till/queue";
import { readCode } from "noren/till/card_code";
import { closeSale, openSale, startSales } from "noren/till/sale";
import { refuse, scanCode, scanNumber } from "noren/till/scan";
import { cleanScanned, isWhole, kindOf } from "noren/till/scanned_text";
import { clearVerdict, showVerdict } from "noren/till/verdict";

/** @typedef {import("noren/till/scan").Verdict} Verdict */

const CAMERA = `noren-till-camera:${program}`;
const UNDO_MS = 10 * 60_000;
const form = find("[data-scan-form]", HTMLFormElement);
const field = find("[name='code']", HTMLInputElement, form);
const undo = find("[data-undo]", HTMLButtonElement);
const camera = find("[data-camera-switch]", HTMLButtonElement);

/** @type {(() => Promise<boolean>) | null} */
let takeBack = null;
/** Whose card was taken last. */
let served = "";
/** @type {ReturnType<typeof setTimeout> | undefined} */
let closing;
/** One after the other, in the order in which they were read. @type {Promise<void>} */
let working = Promise.resolve();

/**
 * A card that stays in front of the camera shows a new code each half minute: it is the same shopper.
 * @param {string} text @param {boolean} stays
 */
function presentSeen(text, stays) {
  const member = readCode(text)?.memberId;
  if (stays && member !== undefined && member === served) return;
  present(text);
}

/** @param {string} text as it was read */
function present(text) {
  const code = cleanScanned(text);
  if (code === "") return;
  working = working.then(() => handle(code)).catch(() => showVerdict(refuse("failed")));
}

/** @param {string} code */
async function handle(code) {
  switch (kindOf(code)) {
    case "card_code":
      return scanCode(code, (verdict) => {
        showScan(verdict);
        // Whose code was refused may show the next one.
        if (verdict.isFinal) served = verdict.scan === undefined ? "" : (readCode(code)?.memberId ?? "");
      });
    case "number":
    case "totp":
      return scanNumber(code, showScan);
    case "coupon":
      return showCoupon(await useCoupon(code));
    case "offline_coupon":
      return showCoupon(await useOfflineCoupon(code));
    case "pairing":
      return showVerdict(refuse("paired_already", { tone: "care" }));
    default:
      return showVerdict(refuse("not_a_code"));
  }
}

/** @param {Verdict} verdict */
function showScan(verdict) {
  showVerdict(verdict);
  performance.mark("till:verdict");
  if (performance.getEntriesByName("till:frame").length > 0 && root.dataset["camera"] === "on") {
    const { duration } = performance.measure("till:verify", "till:frame", "till:verdict");
    root.dataset["verifyMs"] ??= String(Math.round(duration));
    performance.clearMarks("till:frame");
  }
  if (!verdict.isFinal) return;
  if (verdict.scan === undefined) {
    closeSale();
    offerUndo(null);
    return;
  }
  openSale(verdict.scan, verdict.result);
  const { scan } = verdict;
  offerUndo(async () => {
    if ("after" in scan && (await forget(scan.after))) return true;
    if ("after" in scan) return false;
    return isDone(await ask("POST", "/v1/scans/undo", { key: crypto.randomUUID(), body: scan }));
  });
  if (verdict.isOffline) void report();
}

/** @param {import("noren/till/coupon").CouponVerdict | null} verdict */
function showCoupon(verdict) {
  if (verdict === null) return;
  showVerdict(verdict);
  offerUndo(verdict.takeBack ?? null);
}

/** @param {(() => Promise<boolean>) | null} work within ten minutes, as the server has it */
function offerUndo(work) {
  takeBack = work;
  undo.hidden = work === null;
  clearTimeout(closing);
  if (work !== null) closing = setTimeout(() => offerUndo(null), UNDO_MS);
}

async function undoLast() {
  const work = takeBack;
  if (work === null) return;
  undo.disabled = true;
  const isGone = await work();
  undo.disabled = false;
  if (!isGone) return showVerdict(refuse("not_undone"));
  offerUndo(null);
  closeSale();
  served = "";
  showVerdict({ tone: "care", reason: "undone" });
  field.focus();
}

/** A scanner types wherever the focus is: at the counter that is the field, unless somebody fills in another. @param {KeyboardEvent} event */
function catchKey(event) {
  const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLButtonElement;
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && event.key.length === 1 && event.key !== " ";
  if (root.dataset["view"] !== "counter" || isTyping || !isPlain) return;
  field.focus(); // the key itself is typed into it then
}

function submit() {
  const text = field.value;
  field.value = "";
  present(text);
}

async function switchCamera() {
  try {
    if (root.dataset["camera"] === "on") stopCamera();
    else await startCamera(presentSeen);
    localStorage.setItem(CAMERA, root.dataset["camera"] ?? "");
  } catch {
    root.dataset["camera"] = "none";
    find("[data-camera-fault]", HTMLElement).textContent = word("no_camera");
  }
  showCameraSwitch();
}

function showCameraSwitch() {
  const isOn = root.dataset["camera"] === "on";
  camera.textContent = word(isOn ? "camera_off" : "camera_on");
  camera.setAttribute("aria-pressed", String(isOn));
}

export function startCounter() {
  clearVerdict();
  showCameraSwitch();
  startSales();
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  // Wherever a scanner types: what is a whole code is no amount.
  document.addEventListener("input", ({ target }) => {
    if (!(target instanceof HTMLInputElement) || !isWhole(cleanScanned(target.value))) return;
    const text = target.value;
    target.value = "";
    present(text);
  });
  document.addEventListener("keydown", catchKey);
  undo.addEventListener("click", () => void undoLast());
  camera.addEventListener("click", () => void switchCamera());
  find("[data-coupon-form]", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    const typed = find("[name='coupon']", HTMLInputElement);
    const code = cleanScanned(typed.value);
    typed.value = "";
    const kind = kindOf(code);
    if (kind === "coupon" || kind === "offline_coupon") present(code);
    else if (code !== "") working = working.then(async () => showCoupon(await claimPaperCode(code)));
  });
}

/** With the camera as it was the last time. */
export function openCounter() {
  if (matchMedia("(pointer: fine)").matches) field.focus();
  const wasOn = localStorage.getItem(CAMERA) === "on";
  if (wasOn && root.dataset["camera"] !== "on") void switchCamera();
}
