/** Before there is a card: one tap. */

import { sayProblem } from "noren/card/api";
import { checkCard, enrol } from "noren/card/membership";

/** @param {HTMLElement} section */
function readConsents(section) {
  const boxes = [...section.querySelectorAll("input[data-purpose]")].filter((box) => box instanceof HTMLInputElement);
  return boxes.map((box) => ({
    purpose: box.dataset["purpose"] ?? "",
    granted: box.checked,
    text_version: box.dataset["version"] ?? "",
  }));
}

/** @param {HTMLElement} section @param {HTMLButtonElement} button */
async function join(section, button) {
  const complaint = section.querySelector("[data-complaint]");
  const asked = new URLSearchParams(location.search);
  button.disabled = true;
  try {
    await enrol({ consents: readConsents(section), storeId: asked.get("store"), invitation: asked.get("i") });
    await checkCard().catch(() => undefined); // the next view says what is the matter, and tries again
    history.replaceState(null, "", location.pathname);
    document.dispatchEvent(new CustomEvent("card:membership"));
  } catch (error) {
    if (complaint instanceof HTMLElement) {
      complaint.textContent = sayProblem(error);
      complaint.hidden = false;
    }
  } finally {
    button.disabled = false;
  }
}

/** @param {HTMLElement} section */
export function prepare(section) {
  const button = section.querySelector("button[data-join]");
  if (button instanceof HTMLButtonElement) button.addEventListener("click", () => void join(section, button));
}

/** Without its script the button would do nothing. @param {HTMLElement} section */
export function show(section) {
  const button = section.querySelector("button[data-join]");
  if (button instanceof HTMLButtonElement) button.disabled = false;
}
