/** The card in the phone's own wallet: it is there when this browser has forgotten everything. */

import { call, Refusal, Unreachable } from "noren/card/api";
import { complain, onPress, saveFile, tell } from "noren/card/forms";
import { findMembership } from "noren/card/membership";
import { showOffers } from "noren/card/offers";
import { word } from "noren/card/words";

async function saveToApple() {
  const token = (await findMembership())?.token ?? "";
  /** @type {Response} */
  let answer;
  try {
    answer = await fetch("/v1/me/card.pkpass", { headers: { Authorization: `Bearer ${token}` }, cache: "no-store" });
  } catch (error) {
    throw new Unreachable("no answer", { cause: error });
  }
  if (!answer.ok) throw new Refusal(answer.status, await answer.json().catch(() => ({})));
  saveFile(await answer.blob(), "card.pkpass");
}

/** @param {HTMLElement} section */
export function prepare(section) {
  onPress(section, "[data-apple]", async () => {
    await saveToApple();
    tell(section, word("wallet_apple_done"));
  });
  onPress(section, "[data-google]", async () => {
    location.assign((await call("POST", "/v1/me/card/google-wallet")).save_url);
  });
}

/** @param {HTMLElement} section */
export async function show(section) {
  complain(section, "");
  tell(section, "");
  await showOffers((offers) => {
    for (const [name, isThere] of Object.entries({
      apple: offers.apple_wallet,
      google: offers.google_wallet,
      none: !offers.apple_wallet && !offers.google_wallet,
    })) {
      const place = section.querySelector(`[data-${name}]`);
      if (place instanceof HTMLElement) place.hidden = !isThere;
    }
  }).catch(() => undefined); // what was known last stays
}
