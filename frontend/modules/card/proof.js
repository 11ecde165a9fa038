/** That it is the member who asks: by the code that the card shows now, else by one that is sent to a contact. */

import { call, Refusal } from "noren/card/api";
import { currentStep } from "noren/card/clock";
import { codeMessage, readCertificate, writeCode } from "noren/card/code";
import { onSubmit, showStep, tell, typed } from "noren/card/forms";
import { sign } from "noren/card/key";
import { findSigner } from "noren/card/membership";
import { word } from "noren/card/words";

/**
 * What is sent along: the digits of a card's code, or the answer to a code that was sent.
 * @typedef {{ cardCode?: string, codeId?: string, code?: string }} Proof
 * @typedef {"change" | "export" | "erasure"} Purpose
 * @typedef {(proof: Proof) => Promise<unknown>} Work
 */

/** @returns {Promise<Proof>} nothing where this browser makes no codes */
async function showCard() {
  const signer = await findSigner();
  if (signer === undefined) return {};
  const step = currentStep();
  const certificate = readCertificate(signer.certificate.certificate);
  return { cardCode: writeCode(certificate, step, await sign(signer.pair, codeMessage(certificate, step))) };
}

/** @param {unknown} error */
function isAboutProof(error) {
  return error instanceof Refusal && ["proof-required", "proof-too-new", "card-code-refused"].includes(error.type);
}

/** What waits for a code that the person types, by its section. @type {WeakMap<HTMLElement, (code: string) => Promise<unknown>>} */
const waiting = new WeakMap();

/**
 * `work` is tried with the card's code, and once more when the person has typed a code in `[data-step="proof"]`. Raises
 * Refusal and Unreachable.
 * @param {HTMLElement} section with the steps @param {Purpose} purpose @param {Work} work
 */
export async function withProof(section, purpose, work) {
  /** @type {unknown} */
  let refusal;
  try {
    await work(await showCard());
    return;
  } catch (error) {
    if (!isAboutProof(error)) throw error;
    refusal = error;
  }
  const sent = await call("POST", "/v1/me/data-codes", { body: { purpose } }).catch((error) => {
    // Who has no contact is told why the card's code is not enough.
    throw error instanceof Refusal && error.type === "contact-not-found" ? refusal : error;
  });
  waiting.set(section, (code) => work({ codeId: sent.id, code }));
  showStep(section, "proof");
  tell(section, word(sent.kind === "phone" ? "proof_by_phone" : "proof_by_email"));
}

/** Once, for a section with `[data-step="proof"]`. @param {HTMLElement} section */
export function prepareProof(section) {
  onSubmit(section, '[data-step="proof"]', async (form) => {
    await waiting.get(section)?.(typed(form, "code"));
    form.reset();
  });
}
