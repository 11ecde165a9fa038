/** The member's data: a copy of all of it, and its erasure. */

import { call, callForFile } from "noren/card/api";
import { attempt, complain, onPress, saveFile, showStep, tell } from "noren/card/forms";
import { giveUp, leave } from "noren/card/membership";
import { prepareProof, withProof } from "noren/card/proof";
import { fill, word, writeMoment } from "noren/card/words";

/** @param {import("noren/card/proof").Proof} proof */
function writeProof({ cardCode, codeId, code }) {
  return cardCode ? { card_code: cardCode } : codeId ? { code_id: codeId, code } : {};
}

/** @param {HTMLElement} section */
function hideSteps(section) {
  showStep(section, "none", false);
}

/** @param {HTMLElement} section @param {boolean} isAsked */
function askWhetherSure(section, isAsked) {
  const sure = section.querySelector("[data-sure]");
  if (!(sure instanceof HTMLElement)) return;
  sure.hidden = !isAsked;
  const next = section.querySelector(isAsked ? "[data-erase-no]" : "[data-erase]");
  if (next instanceof HTMLElement) next.focus();
}

/** @param {HTMLElement} section */
async function erase(section) {
  await withProof(section, "erasure", async (proof) => {
    const { erases_at: at } = await call("POST", "/v1/me/erasure", { body: writeProof(proof) });
    if (at !== null) {
      hideSteps(section);
      askWhetherSure(section, false);
      await refresh(section);
      return;
    }
    await leave();
    await giveUp();
    location.hash = "#/erased";
  });
}

/** @param {HTMLElement} section */
async function refresh(section) {
  const { erases_at: at } = await call("GET", "/v1/me");
  for (const [name, isShown] of Object.entries({ erases: at !== null, erasure: at === null })) {
    const part = section.querySelector(`[data-${name}]`);
    if (part instanceof HTMLElement) part.hidden = !isShown;
  }
  if (at !== null) fill(section, { erases: word("erases_at", { time: writeMoment(at) }) });
}

/** @param {HTMLElement} section */
export function prepare(section) {
  prepareProof(section);
  onPress(section, "[data-export]", () =>
    withProof(section, "export", async (proof) => {
      saveFile(await callForFile("POST", "/v1/me/export", { body: writeProof(proof) }), "my-data.zip");
      hideSteps(section);
      tell(section, word("exported"));
    }),
  );
  onPress(section, "[data-erase]", async () => askWhetherSure(section, true));
  onPress(section, "[data-erase-no]", async () => askWhetherSure(section, false));
  onPress(section, "[data-erase-now]", () => erase(section));
  onPress(section, "[data-stay]", async () => {
    await call("DELETE", "/v1/me/erasure", { key: crypto.randomUUID() });
    await refresh(section);
    tell(section, word("erase_withdrawn"));
  });
}

/** @param {HTMLElement} section */
export async function show(section) {
  complain(section, "");
  tell(section, "");
  hideSteps(section);
  askWhetherSureNot(section);
  await attempt(section, section, () => refresh(section));
}

/** @param {HTMLElement} section */
function askWhetherSureNot(section) {
  const sure = section.querySelector("[data-sure]");
  if (sure instanceof HTMLElement) sure.hidden = true;
}
