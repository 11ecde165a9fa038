/** The phones and browsers that are signed in as the member. */

import { call } from "noren/card/api";
import { attempt, complain, tell } from "noren/card/forms";
import { giveUp, leave } from "noren/card/membership";
import { copyPart, fill, word, writeDay } from "noren/card/words";

/** @param {any} device */
function writeName(device) {
  const kind = word(`device_${device.platform}`);
  return device.is_this ? word("device_this", { kind }) : kind;
}

/** @param {HTMLElement} section @param {any} device */
function buildRow(section, device) {
  const row = copyPart(section, "device");
  const name = writeName(device);
  fill(row, {
    name,
    seen: word("device_seen", { day: writeDay(device.last_seen_at), since: writeDay(device.created_at) }),
    holds: device.holds_card ? word("device_holds") : null,
  });
  const button = row.querySelector("[data-sign-out]");
  if (!(button instanceof HTMLElement)) return row;
  // The one that the card is on is signed out there, or when the card has been brought here.
  button.hidden = device.holds_card && !device.is_this;
  button.setAttribute("aria-label", word("device_sign_out_of", { name }));
  button.addEventListener("click", () => void attempt(section, button, () => signOut(section, device)));
  return row;
}

/** @param {HTMLElement} section */
async function refresh(section) {
  const { items } = await call("GET", "/v1/me/devices");
  const rows = items.map((/** @type {any} */ device) => buildRow(section, device));
  section.querySelector("[data-devices]")?.replaceChildren(...rows);
}

/** @param {HTMLElement} section @param {any} device */
async function signOut(section, device) {
  await call("DELETE", `/v1/me/devices/${device.id}`, { key: crypto.randomUUID() });
  if (device.is_this) {
    await leave();
    await giveUp();
    document.dispatchEvent(new CustomEvent("card:membership"));
    return;
  }
  await refresh(section);
  tell(section, word("device_signed_out"));
}

/** @param {HTMLElement} section */
export async function show(section) {
  complain(section, "");
  tell(section, "");
  await attempt(section, section, () => refresh(section));
}
