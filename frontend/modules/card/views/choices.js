/** What the member agrees to, when they want quiet, and whether this browser shows notifications. */

import { showKnown } from "noren/card/answers";
import { call } from "noren/card/api";
import { attempt, complain, onPress, onSubmit, tell, typed } from "noren/card/forms";
import { showOffers } from "noren/card/offers";
import { findPush, startPush, stopPush } from "noren/card/push";
import { fill, word } from "noren/card/words";

/** @type {import("noren/card/offers").WebPush | null} */
let webPush = null;

/** @param {HTMLElement} section */
function findBoxes(section) {
  return [...section.querySelectorAll("input[data-purpose]")].filter((box) => box instanceof HTMLInputElement);
}

/** @param {HTMLElement} section @param {any} me */
function showConsents(section, me) {
  for (const box of findBoxes(section)) {
    const answers = me.consents.filter((/** @type {any} */ each) => each.purpose === box.dataset["purpose"]);
    box.checked = answers.at(-1)?.granted ?? false;
  }
  const asked = section.querySelector('[data-fill="email_asked"]');
  if (asked instanceof HTMLElement) asked.hidden = !me.is_email_asked;
}

/** What is refused is shown as it was. @param {HTMLElement} section @param {HTMLInputElement} box */
async function change(section, box) {
  const granted = box.checked;
  const { purpose, version } = box.dataset;
  const consents = [{ purpose, granted, text_version: version }];
  try {
    showConsents(section, await call("PUT", "/v1/me/consents", { body: { consents }, key: crypto.randomUUID() }));
  } catch (error) {
    box.checked = !granted;
    throw error;
  }
  tell(section, word(granted ? "agreed_to" : "taken_back"));
  await showPush(section);
}

/** @param {any} hours */
function writeHours(hours) {
  return word("quiet_from_to", { start: hours.start.slice(0, 5), end: hours.end.slice(0, 5) });
}

/** @param {HTMLElement} section @param {any} quiet */
function showQuiet(section, quiet) {
  for (const name of ["start", "end"]) {
    const input = section.querySelector(`[data-quiet] input[name="${name}"]`);
    if (input instanceof HTMLInputElement) input.value = quiet.own === null ? "" : quiet.own[name].slice(0, 5);
  }
  fill(section, { program_quiet: quiet.program && word("quiet_program", { hours: writeHours(quiet.program) }) });
}

/** @param {HTMLElement} section @param {{ start: string, end: string } | null} own */
async function setQuiet(section, own) {
  showQuiet(section, await call("PUT", "/v1/me/quiet-hours", { body: { own }, key: crypto.randomUUID() }));
  tell(section, word(own === null ? "quiet_ended" : "kept"));
}

/** @param {HTMLElement} section */
async function showPush(section) {
  const place = section.querySelector("[data-push]");
  if (!(place instanceof HTMLElement)) return;
  const state = webPush === null ? "none" : await findPush();
  place.hidden = state === "none";
  fill(place, { push: word(`push_${state}`) });
  for (const [name, isShown] of Object.entries({ "push-on": state === "off", "push-off": state === "on" })) {
    const button = place.querySelector(`[data-${name}]`);
    if (button instanceof HTMLElement) button.hidden = !isShown;
  }
}

/** @param {HTMLElement} section */
export function prepare(section) {
  for (const box of findBoxes(section)) {
    box.addEventListener("change", () => void attempt(section, box, () => change(section, box)));
  }
  onSubmit(section, "[data-quiet]", async (form) => {
    const own = { start: typed(form, "start"), end: typed(form, "end") };
    if (own.start === "" || own.end === "") return complain(section, word("quiet_missing"));
    await setQuiet(section, own);
  });
  onPress(section, "[data-quiet-none]", () => setQuiet(section, null));
  onPress(section, "[data-push-on]", async () => {
    if (webPush === null) return;
    const state = await startPush(webPush);
    await showPush(section);
    if (state === "on") tell(section, word("push_began"));
  });
  onPress(section, "[data-push-off]", async () => {
    await stopPush();
    await showPush(section);
  });
}

/** @param {HTMLElement} section */
export async function show(section) {
  complain(section, "");
  tell(section, "");
  await attempt(section, section, async () => {
    await showKnown("me", "/v1/me", (me) => showConsents(section, me));
    await showKnown("quiet", "/v1/me/quiet-hours", (quiet) => showQuiet(section, quiet));
    await showOffers(async (offers) => {
      webPush = offers.web_push;
      await showPush(section);
    });
  });
}
