/** What this till did today, by the store's clock. No member stands here. */

import { tell } from "noren/till/app";
import { serverNow } from "noren/till/clock";
import { all, change, keep, recall } from "noren/till/store";

/** @typedef {import("noren/till/store").Deed} Deed */

const SHOWN = 50;

/** @param {number} at @param {string} timeZone */
function dayOf(at, timeZone) {
  return new Intl.DateTimeFormat("en-CA", { timeZone }).format(at);
}

/** Former days go. A page of the day that has no room is no reason to stop the shop. @param {Omit<Deed, "id" | "at">} deed */
export async function note(deed) {
  const zone = (await recall("till"))?.time_zone ?? "UTC";
  const at = serverNow();
  try {
    await change(["day"], async ({ day }) => {
      const first = await day.openCursor();
      if (first !== null && dayOf(first.value.at, zone) !== dayOf(at, zone)) await day.clear();
      await day.add({ ...deed, at });
    });
  } catch {
    return;
  }
  tell("queue");
}

export async function noteReported() {
  await keep("reported_at", serverNow()).catch(() => undefined);
}

/** @returns {Promise<{ counts: Record<string, number>, deeds: Deed[] }>} the latest first */
export async function readDay() {
  const zone = (await recall("till"))?.time_zone ?? "UTC";
  const today = dayOf(serverNow(), zone);
  const deeds = (await all("day")).filter((/** @type {Deed} */ { at }) => dayOf(at, zone) === today);
  /** @type {Record<string, number>} */
  const counts = { scan: 0, visit: 0, purchase: 0, coupon: 0, offline: 0, amount: 0 };
  for (const { kind, is_offline, amount } of deeds) {
    counts[kind] = (counts[kind] ?? 0) + 1;
    if (is_offline) counts["offline"] = (counts["offline"] ?? 0) + 1;
    counts["amount"] = (counts["amount"] ?? 0) + (amount ?? 0);
  }
  return { counts, deeds: deeds.toReversed().slice(0, SHOWN) };
}
