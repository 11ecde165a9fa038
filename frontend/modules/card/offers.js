/** What this program's card can do besides showing itself, as the server has told it, now or the last time. */

import { showKnown } from "noren/card/answers";
import { base } from "noren/card/app";

/**
 * @typedef {{ apiKey: string, projectId: string, messagingSenderId: string, appId: string, vapidKey: string }} WebPush
 * @typedef {{
 *   phone: boolean, email: boolean, apple_wallet: boolean, google_wallet: boolean, line: boolean, store_qr: boolean,
 *   web_push: WebPush | null,
 * }} Offers
 */

/** Called with what was known, and again with what is. Raises Refusal and Unreachable. @param {(offers: Offers) => unknown} show */
export async function showOffers(show) {
  await showKnown("channels", `${base}channels`, show);
}
