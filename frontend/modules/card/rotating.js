/** The code on the screen: a new one with each step of 30 seconds, and one at once when the card is opened. */

import { app } from "noren/card/app";
import { currentStep, msToNextStep } from "noren/card/clock";
import { codeMessage, readCertificate, writeCode } from "noren/card/code";
import { drawQr } from "noren/card/draw";
import { sign } from "noren/card/key";
import { findSigner } from "noren/card/membership";
import { word } from "noren/card/words";

/** @param {number} step */
async function makeCode(step) {
  const signer = await findSigner();
  if (signer === undefined) return undefined;
  const certificate = readCertificate(signer.certificate.certificate);
  return writeCode(certificate, step, await sign(signer.pair, codeMessage(certificate, step)));
}

/** Without a signer there is none to show. @param {HTMLElement} place `[data-code-panel]` */
async function drawCode(place) {
  const step = currentStep();
  const digits = await makeCode(step);
  const picture = place.querySelector("[data-picture]");
  place.hidden = digits === undefined;
  if (digits === undefined || picture === null) {
    delete place.dataset["cardCode"];
    return;
  }
  drawQr(picture, digits, "numeric");
  place.dataset["cardCode"] = digits;
  place.dataset["step"] = String(step);
}

let drawing = Promise.resolve();

/** One after the other, so that what was known last is what is seen. @param {HTMLElement} place */
function drawInTurn(place) {
  drawing = drawing.then(() => drawCode(place)).catch(() => undefined); // a key that this browser cannot use any more
  return drawing;
}

/** Seen, and not read out each second. @param {HTMLElement} place */
function showRest(place) {
  const left = place.querySelector("[data-left]");
  const rest = Math.ceil(msToNextStep() / 1000);
  if (left !== null) left.textContent = word("next_code", { seconds: rest });
  const bar = place.querySelector("progress");
  if (bar !== null) bar.value = rest;
}

/** @type {WakeLockSentinel | undefined} */
let awake;

async function stayAwake() {
  try {
    awake = await navigator.wakeLock?.request("screen");
  } catch {
    awake = undefined; // with little battery left
  }
}

/** @type {(() => void) | undefined} */
let stopShowing;

/** @param {HTMLElement} place */
export async function startCode(place) {
  stopCode();
  let stepShown = 0;
  const tick = async () => {
    if (document.hidden) return;
    showRest(place);
    const step = currentStep();
    if (step !== stepShown) {
      stepShown = step;
      await drawInTurn(place);
    }
  };
  const again = () => {
    stepShown = 0;
    void tick();
    if (!document.hidden) void stayAwake();
  };
  const timer = setInterval(() => void tick(), 1000);
  document.addEventListener("visibilitychange", again);
  document.addEventListener("card:clock", again);
  document.addEventListener("card:signer", again);
  stopShowing = () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", again);
    document.removeEventListener("card:clock", again);
    document.removeEventListener("card:signer", again);
    void awake?.release();
  };
  await tick();
  void stayAwake();
  app.dataset["ready"] = "";
}

export function stopCode() {
  stopShowing?.();
  stopShowing = undefined;
}
