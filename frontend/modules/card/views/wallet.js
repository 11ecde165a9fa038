/** The card in the phone's own wallet: it is there when this browser has forgotten everything. */

import { call, callForFile } from "noren/card/api";
import { complain, onPress, saveFile, tell } from "noren/card/forms";
import { showOffers } from "noren/card/offers";
import { word } from "noren/card/words";

/** @param {HTMLElement} section */
export function prepare(section) {
  onPress(section, "[data-apple]", async () => {
    saveFile(await callForFile("GET", "/v1/me/card.pkpass"), "card.pkpass");
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
