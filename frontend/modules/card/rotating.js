/** The code on the screen: a new one with each step of 30 seconds, and one at once when the card is opened. */

import { app } from "noren/card/app";
import { currentStep, msToNextStep } from "noren/card/clock";
import { codeMessage, readCertificate, writeCode } from "noren/card/code";
import { drawQr } from "noren/card/draw";
import { sign } from "noren/card/key";
import { findSigner } from "noren/card/membership";
import { word } from "noren/card/words";

/** @param {HTMLElement} place `[data-code-panel]` @returns {Promise<boolean>} whether there is a code to show */
async function drawCode(place) {
  const signer = await findSigner();
  const picture = place.querySelector("[data-picture]");
  place.hidden = signer === undefined;
  if (signer === undefined || picture === null) {
    delete place.dataset["cardCode"];
    return false;
  }
  const step = currentStep();
  const certificate = readCertificate(signer.certificate.certificate);
  const digits = writeCode(certificate, step, await sign(signer.pair, codeMessage(certificate, step)));
  drawQr(picture, digits, "numeric");
  place.dataset["cardCode"] = digits;
  place.dataset["step"] = String(step);
  return true;
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
      await drawCode(place);
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
