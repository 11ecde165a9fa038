/** Where everything else about the member begins. Only what the program has set up is offered. */

import { showOffers } from "noren/card/offers";

/** @param {HTMLElement} section */
export async function show(section) {
  await showOffers((offers) => {
    const has = { wallets: offers.apple_wallet || offers.google_wallet, store_qr: offers.store_qr };
    for (const way of section.querySelectorAll("[data-needs]")) {
      if (way instanceof HTMLElement) way.hidden = !has[/** @type {keyof typeof has} */ (way.dataset["needs"])];
    }
  }).catch(() => undefined); // without a network what was known last is offered
}
