/** The card: its code, its number, and what the member has. */

import { sayProblem, Unreachable } from "noren/card/api";
import { showKnown } from "noren/card/answers";
import { drawBars } from "noren/card/draw";
import { checkCard, findMembership, prepareRecovery, takeCard, tellLanguage } from "noren/card/membership";
import { startCode, stopCode } from "noren/card/rotating";
import { showSafety } from "noren/card/safety";
import { showCoupons } from "noren/card/views/coupons";
import { showStamps } from "noren/card/views/points";
import { fill, inLanguage, word, writeDay, writeMoment, writeNumber } from "noren/card/words";

/** @param {HTMLElement} section */
async function showNumber(section) {
  const number = (await findMembership())?.number;
  const bars = section.querySelector("[data-bars]");
  if (!number || bars === null) return;
  drawBars(bars, number);
  fill(section, { number: number.replace(/^(\d)(\d{6})(\d{6})$/, "$1 $2 $3") });
}

/** @type {(() => void) | undefined} */
let stopCounting;

/** @param {HTMLElement} section @param {any} summary @param {number} at */
function showSummary(section, summary, at) {
  const { points, rank, visits } = summary;
  fill(section, {
    points: writeNumber(points.balance),
    expiring:
      points.expiring_points > 0
        ? word("expiring", { points: writeNumber(points.expiring_points), day: writeDay(points.expires_at) })
        : null,
    owed: points.owed > 0 ? word("owed", { points: writeNumber(points.owed) }) : null,
    rank: rank === null ? null : inLanguage(rank.name),
    visits: writeNumber(visits.visit_count),
    as_of: word("as_of", { time: writeMoment(at) }),
  });
  stopCounting?.();
  stopCounting = showCoupons(section, summary.coupons);
  section.dataset["asOf"] = String(at);
}

/** @param {HTMLElement} section @param {"here" | "elsewhere" | "stopped"} place */
function showWhere(section, place) {
  for (const note of section.querySelectorAll("[data-where]")) {
    if (note instanceof HTMLElement) note.hidden = note.dataset["where"] !== place;
  }
}

/** @param {HTMLElement} section @param {string} text */
function complain(section, text) {
  const complaint = section.querySelector("[data-complaint]");
  if (!(complaint instanceof HTMLElement)) return;
  complaint.textContent = text;
  complaint.hidden = text === "";
}

/** @param {HTMLElement} section */
async function refresh(section) {
  try {
    await showKnown("summary", "/v1/me/summary", (summary, at) => showSummary(section, summary, at));
    showWhere(section, await checkCard());
    document.dispatchEvent(new CustomEvent("card:signer"));
    await showNumber(section);
    await showKnown("stamps", "/v1/me/stamps", (stamps) => showStamps(section, stamps));
    await prepareRecovery();
    await tellLanguage();
    complain(section, "");
  } catch (error) {
    // Without a network the card is what it was: the time beside it says of when.
    complain(section, error instanceof Unreachable ? "" : sayProblem(error));
    section.toggleAttribute("data-offline", error instanceof Unreachable);
    return;
  }
  section.removeAttribute("data-offline");
}

/** @param {HTMLElement} section */
async function bringHere(section) {
  try {
    await takeCard();
  } catch (error) {
    complain(section, sayProblem(error));
    return;
  }
  await refresh(section);
}

/** @type {(() => void) | undefined} */
let stopListening;

/** @param {HTMLElement} section */
export function prepare(section) {
  for (const button of section.querySelectorAll("button[data-take]")) {
    button.addEventListener("click", () => void bringHere(section));
  }
}

/** @param {HTMLElement} section */
export async function show(section) {
  const panel = section.querySelector("[data-code-panel]");
  if (!(panel instanceof HTMLElement)) return;
  await startCode(panel);
  await showNumber(section);
  const again = () => {
    if (!document.hidden) void refresh(section);
  };
  addEventListener("online", again);
  document.addEventListener("visibilitychange", again);
  stopListening = () => {
    removeEventListener("online", again);
    document.removeEventListener("visibilitychange", again);
  };
  void refresh(section);
  void showSafety(section).catch(() => undefined); // `refresh` says what is the matter
}

export function hide() {
  stopCode();
  stopCounting?.();
  stopListening?.();
}
