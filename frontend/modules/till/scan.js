/** From what was scanned to what the cashier is told. A card is judged here first, then by the server where there is one. */

import { ask, hasLine, isDone, isUndecided, problemOf } from "noren/till/api";
import { locale } from "noren/till/app";
import { judgeCode, readCode, serialOf, STEP_MS } from "noren/till/card_code";
import { serverNow } from "noren/till/clock";
import { note } from "noren/till/day";
import { knownKeys, whyBlind } from "noren/till/knowledge";
import { addWaiting, takeCode } from "noren/till/queue";
import { isFull, look } from "noren/till/store";

/**
 * `tone`: good, take it; care, something is to be done first; bad, do not take it. `reason` names the words.
 * `scan`: what a purchase refers to, known to the server (`member_id`) or waiting here (`after`).
 * @typedef {{ tone: "good" | "care" | "bad", reason: string, offS?: number, isFinal: boolean, isOffline: boolean,
 *   scan?: { member_id: string, scan_id: string } | { after: number }, result?: any }} Verdict
 */

/** What can be put right at once, and what cannot. */
const CARE = new Set(["old", "early", "replayed", "expired", "not_a_code", "never_synced", "synced_too_long_ago",
  "no_ed25519", "card_unknown", "needs_line", "busy"]);

/** @param {string} reason @param {Partial<Verdict>} [more] @returns {Verdict} */
export function refuse(reason, more = {}) {
  return { tone: CARE.has(reason) ? "care" : "bad", reason, isFinal: true, isOffline: false, ...more };
}

/**
 * @param {string} text a card's rotating code
 * @param {(verdict: Verdict) => void} show is told what is known so far, and told again
 */
export async function scanCode(text, show) {
  const code = readCode(text);
  if (code === null) return show(refuse("not_a_code"));
  const blind = whyBlind();
  const at = serverNow();
  const judged = blind ?? (await judgeHere(code, at));
  const offS = Math.abs((code.step - Math.floor(at / STEP_MS)) * STEP_MS) / 1000;
  // What is wrong by the keys is wrong everywhere; what only this device cannot tell, the server may.
  if (judged !== null && (blind === null || !hasLine())) return show(refuse(judged, { offS }));
  const use = `${await serialOf(code)} ${code.step}`;
  if ((await look("used", use)) !== undefined) return show(refuse("replayed"));
  if (hasLine()) {
    if (blind === null) show({ tone: "good", reason: "verified", isFinal: false, isOffline: false });
    const online = { key: crypto.randomUUID(), body: { card: text, locale } };
    const answer = await ask("POST", "/v1/scans", { ...online, patienceMs: 4_000 });
    if (!isUndecided(answer)) return show(await settle(answer, use));
    if (blind !== null) return show(refuse(blind));
    return show(await keepScan(text, use, at, online));
  }
  show(await keepScan(text, use, at));
}

/** @param {import("noren/till/card_code").CardCode} code @param {number} at */
async function judgeHere(code, at) {
  const refusal = await judgeCode(code, knownKeys(), at);
  if (refusal !== null) return refusal;
  return (await look("revoked", await serialOf(code))) === undefined ? null : "revoked";
}

/** @param {import("noren/till/api").Answer} answer @param {string} [use] @returns {Promise<Verdict>} */
async function settle(answer, use) {
  if (!isDone(answer)) {
    const problem = problemOf(answer);
    const reason = problem === "card-code-refused" ? answer.body.reason : problem === "card-unknown" ? "card_unknown" : problem;
    return refuse(reason, { result: answer.body, offS: Math.abs(answer.body?.off_by_s ?? 0) });
  }
  const { member_id, scan_id, is_first_today, trust } = answer.body;
  if (use !== undefined) await takeCode(use, null).catch(() => undefined); // the server knows it
  void note({ kind: "scan", is_offline: false, text: trust }); // nobody at the counter waits for the day's page
  if (is_first_today) void note({ kind: "visit", is_offline: false, text: "" });
  const reason = is_first_today ? "welcome" : "welcome_back";
  const tone = trust === "high" ? "good" : "care";
  const scan = { member_id, scan_id };
  return { tone, reason: tone === "good" ? reason : "low_trust", isFinal: true, isOffline: false, scan, result: answer.body };
}

/** @param {string} card @param {string} use @param {number} at @param {{ key: string, body: unknown }} [online] @returns {Promise<Verdict>} */
async function keepScan(card, use, at, online) {
  const record = /** @type {const} */ ({ kind: "scan", card, at });
  try {
    const id = await takeCode(use, online === undefined ? record : { ...record, online });
    if (id === "replayed") return refuse("replayed");
    void note({ kind: "scan", is_offline: true, text: "" });
    return { tone: "good", reason: "kept", isFinal: true, isOffline: true, scan: { after: id } };
  } catch (error) {
    if (isFull(error)) return refuse("storage_full", { isOffline: true });
    throw error;
  }
}

/** A number, or a code that only the server can check. @param {string} text @param {(verdict: Verdict) => void} show */
export async function scanNumber(text, show) {
  if (!hasLine()) return show(refuse("needs_line", { isOffline: true }));
  const answer = await ask("POST", "/v1/scans", { key: crypto.randomUUID(), body: { card: text, locale } });
  if (isUndecided(answer)) return show(refuse("needs_line", { isOffline: true }));
  show(await settle(answer));
}

/**
 * A purchase that refers to a scan which waits here, or that lost its line.
 * @param {NonNullable<Verdict["scan"]>} scan
 * @param {{ amount: number, receipt: string, at: number, online?: { key: string, body: unknown } | undefined }} kept
 *   `online`: what was asked and not answered
 */
export async function keepPurchase(scan, kept) {
  const refers = "after" in scan ? { after: scan.after } : { scan };
  const id = await addWaiting({ kind: "purchase", ...kept, ...refers });
  await note({ kind: "purchase", is_offline: true, text: "", amount: kept.amount });
  return id;
}
