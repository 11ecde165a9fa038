/** How this device becomes a till: by the code of the console's QR, scanned, opened as a link, or pasted. */

import { ask, isDone } from "noren/till/api";
import { fill, find, program, word } from "noren/till/app";
import { readPairingCode } from "noren/till/scanned_text";
import { keep } from "noren/till/store";

const place = find("[data-view='pair']", HTMLElement);

/** What a link has brought; it does not stay in the address, nor in the history. */
export function takeCodeFromAddress() {
  const code = readPairingCode(location.hash);
  if (code !== null) history.replaceState(null, "", location.pathname + location.search);
  return code;
}

/** @param {string} text @returns {Promise<import("noren/till/store").PairedTill | null>} */
export async function pair(text) {
  const code = readPairingCode(text.trim());
  if (code === null) return complain(word("pair_no_code"));
  const answer = await ask("POST", "/v1/till-pairings", { isAnyone: true, body: { program, code } });
  if (answer.status === 410) return complain(word("pair_expired"));
  if (answer.status === 0) return complain(word("pair_no_line"));
  if (!isDone(answer)) return complain(answer.body?.detail ?? word("say_unknown"));
  try {
    await keep("till", answer.body);
  } catch {
    return complain(word("pair_not_kept"));
  }
  complain("");
  await navigator.storage.persist().catch(() => false); // a browser that needs room takes it from others first
  return answer.body;
}

/** @param {string} text @returns {null} */
function complain(text) {
  fill(place, { pair_fault: text });
  return null;
}

/** @param {(till: import("noren/till/store").PairedTill) => void} isPaired */
export function startPairing(isPaired) {
  const form = find("form", HTMLFormElement, place);
  const typed = find("[name='pairing']", HTMLInputElement, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const till = await pair(typed.value);
    if (till === null) return typed.focus();
    typed.value = "";
    isPaired(till);
  });
}
