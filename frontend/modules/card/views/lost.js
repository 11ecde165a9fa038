/** A card that is not here any more: a browser that has lost it gets it back at once, a device that was signed out asks. */

import { sayProblem } from "noren/card/api";
import { findMembership, giveUp, recover } from "noren/card/membership";

/** @param {HTMLElement} section @param {"looking" | "ended" | "none"} state */
function showState(section, state) {
  for (const part of section.querySelectorAll("[data-state]")) {
    if (part instanceof HTMLElement) part.hidden = part.dataset["state"] !== state;
  }
}

/** @param {HTMLElement} section @param {string} text */
function complain(section, text) {
  const complaint = section.querySelector("[data-complaint]");
  if (!(complaint instanceof HTMLElement)) return;
  complaint.textContent = text;
  complaint.hidden = text === "";
}

function tellMembership() {
  document.dispatchEvent(new CustomEvent("card:membership"));
}

/** @param {HTMLElement} section @param {boolean} wasHere */
async function look(section, wasHere) {
  showState(section, "looking");
  complain(section, "");
  try {
    if (await recover()) {
      tellMembership();
    } else if (wasHere) {
      showState(section, "none");
    } else {
      await giveUp();
      tellMembership();
    }
  } catch (error) {
    showState(section, "ended");
    complain(section, sayProblem(error));
  }
}

/** @param {HTMLElement} section */
export function prepare(section) {
  section.querySelector("[data-recover]")?.addEventListener("click", () => void look(section, true));
  for (const button of section.querySelectorAll("[data-begin-anew]")) {
    button.addEventListener("click", () => void giveUp().then(tellMembership));
  }
}

/** @param {HTMLElement} section */
export async function show(section) {
  if ((await findMembership()) === undefined) await look(section, false);
  else showState(section, "ended");
}
