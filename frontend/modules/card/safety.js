/** A card that lives in one browser alone can be lost with it: before there is much to lose, a way out is offered. */

import { showKept } from "noren/card/answers";
import { call } from "noren/card/api";
import { showOffers } from "noren/card/offers";
import { refreshPush } from "noren/card/push";
import { keep } from "noren/card/store";

/** @param {HTMLElement} note @param {any} me */
function showWhether(note, me) {
  note.hidden = me.phone !== null || me.email !== null;
}

/** As soon as there is a network; until then as it was known. @param {HTMLElement} section with a `[data-safety]` */
export async function showSafety(section) {
  const note = section.querySelector("[data-safety]");
  const wallet = section.querySelector("[data-safety-wallet]");
  if (!(note instanceof HTMLElement) || !(wallet instanceof HTMLElement)) return;
  await showKept("me", (me) => showWhether(note, me));
  const me = await call("GET", "/v1/me");
  await keep("answer:me", { body: me, at: Date.now() });
  showWhether(note, me);
  await showOffers(async (offers) => {
    wallet.hidden = !offers.apple_wallet && !offers.google_wallet;
    if (offers.web_push !== null) await refreshPush(offers.web_push);
  });
}
