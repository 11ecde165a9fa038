/** Somebody came from LINE to make a card: as soon as it is there, it is linked to their LINE account. */

import { call } from "noren/card/api";
import { findMembership } from "noren/card/membership";
import { drop, keep, recall } from "noren/card/store";

async function linkWaiting() {
  const [who, membership] = await Promise.all([recall("line_waits"), findMembership()]);
  if (who === undefined || membership === undefined) return;
  await drop("line_waits"); // once: a token that LINE refuses is of no use again, and LINE gives another
  await call("PUT", "/v1/me/line", { body: { id_token: who.token }, key: crypto.randomUUID() });
  await keep("line", { memberId: membership.memberId, user: who.user });
}

/** What cannot be linked now is offered when LINE opens the card the next time. */
export function watchForLine() {
  document.addEventListener("card:membership", () => void linkWaiting().catch(() => undefined));
}
