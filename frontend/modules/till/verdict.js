/** The big answer: a colour, the one thing to say to the shopper, a sound, and a live region. */

import { fill, find, firstWord, root, word, writeNumber } from "noren/till/app";

const place = find("[data-verdict]", HTMLElement);
/** @type {AudioContext | undefined} */
let audio;
/** Notes in Hz, one after the other. */
const SOUNDS = { good: [880, 1175], care: [587, 587], bad: [196, 165] };
const NOTE_S = 0.12;

function wake() {
  audio ??= new AudioContext();
  void audio.resume();
}

/** Browsers let a page sound after a person has touched it. */
export function startSounds() {
  for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, wake, { once: true });
}

/** @param {"good" | "care" | "bad"} tone */
function sound(tone) {
  if (audio === undefined || audio.state !== "running") return;
  SOUNDS[tone].forEach((pitch, at) => {
    const start = /** @type {AudioContext} */ (audio).currentTime + at * NOTE_S;
    const note = new OscillatorNode(/** @type {AudioContext} */ (audio), { frequency: pitch, type: "triangle" });
    const loudness = new GainNode(/** @type {AudioContext} */ (audio), { gain: 0.25 });
    note.connect(loudness).connect(/** @type {AudioContext} */ (audio).destination);
    note.start(start);
    note.stop(start + NOTE_S * 0.9);
  });
}

/**
 * @param {{ tone: "good" | "care" | "bad", reason: string, offS?: number, isFinal?: boolean, isOffline?: boolean,
 *   result?: any, text?: string, detail?: string }} verdict
 */
export function showVerdict({ tone, reason, offS = 0, isFinal = true, isOffline = false, result, text, detail }) {
  const wasShown = place.dataset["reason"] === "verified" && reason.startsWith("welcome");
  place.dataset["tone"] = tone;
  place.dataset["reason"] = reason;
  place.dataset["final"] = String(isFinal);
  const known = firstWord(`title_${reason}`) !== "";
  fill(place, {
    title: text ?? (known ? word(`title_${reason}`) : word(`title_${tone}`)),
    say: known ? word(`say_${reason}`, { off: writeNumber(offS) }) : (result?.detail ?? word("say_unknown")),
    detail: detail ?? (result?.scan_id === undefined ? "" : writeEarned(result)),
    offline: isOffline ? word("offline_tag") : "",
  });
  if (!wasShown) sound(tone);
  root.dataset["tone"] = tone;
}

export function clearVerdict() {
  place.dataset["tone"] = "none";
  place.dataset["reason"] = "";
  delete root.dataset["tone"];
  fill(place, { title: word("ready"), say: word("ready_say"), detail: "", offline: "" });
}

/** @param {any} result of a scan */
function writeEarned(result) {
  const parts = [];
  if (result.points_balance !== null) parts.push(word("has_points", { points: writeNumber(result.points_balance) }));
  if (result.points_earned > 0) parts.push(word("earned_points", { points: writeNumber(result.points_earned) }));
  if (result.coupons_issued > 0) parts.push(word("earned_coupons", { coupons: result.coupons_issued }));
  if (result.full_stamp_cards.length > 0) parts.push(word("full_stamps"));
  return parts.join(" · ");
}
