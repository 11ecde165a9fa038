/** Until when something is good, as people say it: in minutes and hours at first, then by the day. */

import { serverNow } from "noren/card/clock";
import { word, writeMoment } from "noren/card/words";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** @param {string} expiresAt */
export function sayLeft(expiresAt) {
  const left = Date.parse(expiresAt) - serverNow();
  if (left <= 0) return word("expired");
  if (left < HOUR_MS) return word("minutes_left", { minutes: Math.ceil(left / MINUTE_MS) });
  if (left < 24 * HOUR_MS) return word("hours_left", { hours: Math.floor(left / HOUR_MS) });
  return word("good_until", { time: writeMoment(expiresAt) });
}

/** Seen as it changes, and not read out. @param {ParentNode} place */
export function countDown(place) {
  const write = () => {
    for (const element of place.querySelectorAll("[data-expires]")) {
      if (element instanceof HTMLElement) element.textContent = sayLeft(element.dataset["expires"] ?? "");
    }
  };
  write();
  const timer = setInterval(write, MINUTE_MS / 6);
  return () => clearInterval(timer);
}
