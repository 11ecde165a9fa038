/** A contact that leads to another card: is it this person's? And: does somebody else ask for this one? */

import { call, callOnce, Refusal } from "noren/card/api";
import { complain, onPress, onSubmit, showStep, tell, typed } from "noren/card/forms";
import { fill, word, writeMoment } from "noren/card/words";

/** @type {any} The one by which this browser would get another card. */
let asked;
/** @type {any} The one by which somebody else would get this card. */
let against;
/** @type {string | undefined} The code that was sent to the other card's contact. */
let codeId;

/** @param {HTMLElement} section @param {{ asked: any[], against: any[] }} transfers */
export function showTransfers(section, transfers) {
  asked = transfers.asked[0];
  against = transfers.against[0];
  const warning = section.querySelector("[data-against]");
  if (warning instanceof HTMLElement) warning.hidden = against === undefined;
  if (asked === undefined) return;
  for (const button of section.querySelectorAll("[data-way]")) {
    if (button instanceof HTMLElement) button.hidden = !asked.ways.includes(button.dataset["way"]);
  }
  const byVisit = section.querySelector("[data-visit]");
  if (byVisit instanceof HTMLElement) byVisit.hidden = !asked.ways.includes("last_visit") || asked.completes_at !== null;
  const isDue = asked.completes_at !== null && Date.parse(asked.completes_at) <= Date.now();
  const complete = section.querySelector("[data-complete]");
  if (complete instanceof HTMLElement) complete.hidden = !isDue;
  const waits = asked.completes_at !== null && !isDue;
  fill(section, { wait: waits ? word("transfer_wait", { time: writeMoment(asked.completes_at) }) : null });
  showStep(section, "transfer");
}

/** The program's stores, to choose from. @param {HTMLElement} section */
async function askForVisit(section) {
  const { items } = await call("GET", "/v1/me/stores");
  const stores = items.map((/** @type {any} */ { id, name }) => new Option(name, id));
  section.querySelector("#transfer-store")?.replaceChildren(...stores);
  fill(section, { answers_left: word("transfer_answers", { count: asked.answers_left }) });
  showStep(section, "transfer-visit");
}

/** @param {HTMLElement} section @param {(result: any) => Promise<void>} goOn */
export function prepareTransfer(section, goOn) {
  onPress(section, "[data-way]", async (button) => {
    const kind = button.dataset["way"];
    codeId = (await call("POST", `/v1/me/transfers/${asked.id}/codes`, { body: { kind } })).id;
    showStep(section, "transfer-code");
    tell(section, word(kind === "phone" ? "transfer_sent_phone" : "transfer_sent_email"));
  });
  onSubmit(section, '[data-step="transfer-code"]', async (form) => {
    const body = { code_id: codeId, code: typed(form, "code") };
    await goOn(await callOnce("transfer", "POST", `/v1/me/transfers/${asked.id}/prove`, { body }));
    form.reset();
  });
  onPress(section, "[data-visit]", () => askForVisit(section));
  onSubmit(section, '[data-step="transfer-visit"]', async (form) => {
    const visit = { store_id: typed(form, "store"), day: typed(form, "day") };
    if (visit.store_id === "" || visit.day === "") return complain(section, word("transfer_visit_missing"));
    try {
      await goOn(await callOnce("transfer", "POST", `/v1/me/transfers/${asked.id}/prove`, { body: { last_visit: visit } }));
    } catch (error) {
      const left = error instanceof Refusal ? error.problem["tries_left"] : undefined;
      if (left !== undefined) fill(section, { answers_left: word("transfer_answers", { count: left }) });
      throw error;
    }
  });
  onPress(section, "[data-complete]", async () => {
    await goOn(await callOnce("transfer", "POST", `/v1/me/transfers/${asked.id}/complete`, {}));
  });
  onPress(section, "[data-decline]", async () => {
    await call("POST", `/v1/me/transfers/${asked.id}/decline`, { key: crypto.randomUUID() });
    await goOn({ device_token: null, transfer: null, is_number_needed: false });
  });
  onPress(section, "[data-object]", async () => {
    await call("POST", `/v1/me/transfers/${against.id}/object`, { key: crypto.randomUUID() });
    await goOn({ device_token: null, transfer: null, is_number_needed: true });
    showStep(section, "add");
    tell(section, word("against_objected"));
  });
}
