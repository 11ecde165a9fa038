/** The member's phone number and e-mail address: by them a lost card comes back. */

import { showKnown } from "noren/card/answers";
import { call, callOnce } from "noren/card/api";
import { attempt, complain, onPress, onSubmit, showStep, tell, typed } from "noren/card/forms";
import { adopt, findMembership } from "noren/card/membership";
import { showOffers } from "noren/card/offers";
import { prepareProof, withProof } from "noren/card/proof";
import { prepareTransfer, showTransfers } from "noren/card/transfers";
import { copyPart, fill, hasWord, word } from "noren/card/words";

/** The code that was sent last. @type {string | undefined} */
let verification;

/** A contact can be removed where the member is still theirs without it. @param {HTMLElement} section @param {any} me */
function showHeld(section, me) {
  const list = section.querySelector("[data-held]");
  const held = /** @type {const} */ (["phone", "email"]).filter((kind) => me[kind] !== null);
  const rows = held.map((kind) => {
    const row = copyPart(section, "held");
    fill(row, { kind: word(`contact_${kind}`), value: me[kind] });
    const button = row.querySelector("[data-remove]");
    button?.setAttribute("aria-label", word("remove_contact", { contact: word(`contact_${kind}`) }));
    button?.addEventListener("click", () => void attempt(section, row, () => remove(section, kind)));
    return row;
  });
  list?.replaceChildren(...rows);
  const unclaimed = section.querySelector("[data-unclaimed]");
  if (unclaimed instanceof HTMLElement) unclaimed.hidden = held.length > 0;
}

/** @param {HTMLElement} section */
async function refresh(section) {
  await showKnown("me", "/v1/me", (me) => showHeld(section, me));
  showTransfers(section, await call("GET", "/v1/me/transfers"));
  await showLine(section);
}

/** @param {HTMLElement} section @param {"phone" | "email"} kind */
async function remove(section, kind) {
  await withProof(section, "change", async ({ cardCode, codeId, code }) => {
    const proof = cardCode ? { card_code: cardCode } : codeId ? { code_id: codeId, proof_code: code } : {};
    await call("POST", "/v1/me/contact-removals", { body: { kind, ...proof }, key: crypto.randomUUID() });
    showStep(section, "add");
    await refresh(section);
    tell(section, word("contact_removed"));
  });
}

/** @param {HTMLElement} section @param {HTMLFormElement} form */
async function send(section, form) {
  const value = typed(form, "value");
  const kind = value.includes("@") || value.includes("＠") ? "email" : "phone";
  if (value === "") return complain(section, word("contact_missing"));
  await withProof(section, "change", async ({ cardCode, codeId, code }) => {
    const proof = cardCode ? { card_code: cardCode } : codeId ? { code_id: codeId, proof_code: code } : {};
    verification = (await call("POST", "/v1/me/verifications", { body: { kind, value, ...proof } })).id;
    showStep(section, "confirm");
    tell(section, word("contact_sent", { value }));
  });
}

/** @param {HTMLElement} section @param {HTMLFormElement} form */
async function confirm(section, form) {
  const path = `/v1/me/verifications/${verification}/confirm`;
  const result = await callOnce("confirmation", "POST", path, { body: { code: typed(form, "code") } });
  form.reset();
  await goOn(section, result);
}

/** What came of it: this browser is another device, or something is yet to be proved. @param {HTMLElement} section @param {any} result */
async function goOn(section, result) {
  if (result.device_token !== null) {
    await adopt(result);
    document.dispatchEvent(new CustomEvent("card:membership"));
    return;
  }
  showStep(section, result.is_number_needed ? "number" : "add");
  await refresh(section);
  if (result.transfer === null && !result.is_number_needed) tell(section, word("contact_kept"));
}

/** @param {HTMLElement} section */
async function showLine(section) {
  const place = section.querySelector("[data-line]");
  const link = await call("GET", "/v1/me/line");
  if (!(place instanceof HTMLElement)) return;
  place.hidden = link.linked_at === null;
  fill(place, { line: word(link.receives_messages ? "line_linked" : "line_blocked") });
  const button = place.querySelector("[data-unlink]");
  if (button instanceof HTMLElement) button.hidden = link.linked_at === null;
}

/** @param {HTMLElement} section */
export function prepare(section) {
  prepareProof(section);
  prepareTransfer(section, (result) => goOn(section, result));
  onSubmit(section, '[data-step="add"]', (form) => send(section, form));
  onSubmit(section, '[data-step="confirm"]', (form) => confirm(section, form));
  onSubmit(section, '[data-step="number"]', async (form) => {
    const body = { number: typed(form, "number") };
    await goOn(section, await callOnce("claim", "POST", "/v1/me/claims", { body }));
  });
  onPress(section, "[data-again]", async () => showStep(section, "add"));
  onPress(section, "[data-unlink]", async () => {
    await call("DELETE", "/v1/me/line", { key: crypto.randomUUID() });
    await showLine(section);
    tell(section, word("line_unlinked"));
  });
}

/** @param {HTMLElement} section */
export async function show(section) {
  complain(section, "");
  tell(section, "");
  if ((await findMembership()) === undefined) return;
  showStep(section, "add", false);
  await attempt(section, section, async () => {
    await showOffers(({ phone, email }) => {
      const which = phone && email ? "both" : phone ? "phone" : "email";
      if (hasWord(`contact_label_${which}`)) fill(section, { label: word(`contact_label_${which}`) });
      const form = section.querySelector('[data-step="add"]');
      if (form instanceof HTMLElement) form.hidden = !phone && !email;
    });
    await refresh(section);
  });
}
