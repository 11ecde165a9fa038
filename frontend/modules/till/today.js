/** The page of the day, and what waits or was refused. */

import { hasLine } from "noren/till/api";
import { copyPart, fill, find, firstWord, root, word, writeMoment, writeNumber, writeTime } from "noren/till/app";
import { readDay } from "noren/till/day";
import { writeMoney } from "noren/till/money";
import { syncedAt, syncAll } from "noren/till/knowledge";
import { forget, listWaiting, report } from "noren/till/queue";
import { recall } from "noren/till/store";

const place = find("[data-view='today']", HTMLElement);
const waitingList = find("[data-waiting]", HTMLElement, place);
const deedList = find("[data-deeds]", HTMLElement, place);

/** @param {import("noren/till/store").Waiting} waiting @param {string} tillId */
function drawWaiting(waiting, tillId) {
  const part = copyPart("waiting");
  const { kind, at, amount, receipt, rejected, why } = waiting;
  const isForeign = waiting.till_id !== tillId;
  part.dataset["state"] = rejected === undefined && !isForeign ? "waiting" : "rejected";
  fill(part, {
    what: word(`kind_${kind}`),
    when: writeMoment(at),
    about: amount === undefined ? "" : `${receipt} · ${writeMoney(amount)}`,
    state: isForeign ? word("of_another_till") : word(rejected === undefined ? "state_waiting" : "state_rejected"),
    why: rejected === undefined ? "" : firstWord(`reason_${rejected}`) || why || rejected,
  });
  const drop = find("button", HTMLButtonElement, part);
  drop.hidden = rejected === undefined;
  drop.addEventListener("click", async () => {
    await forget(waiting.id);
    find("h2", HTMLElement, waitingList.parentElement ?? place).focus();
  });
  return part;
}

/** @param {import("noren/till/store").Deed} deed */
function drawDeed({ kind, at, text, amount, is_offline }) {
  const part = copyPart("deed");
  const about = amount === undefined ? firstWord(`trust_${text}`) || text : writeMoney(amount);
  fill(part, { when: writeTime(at), what: word(`kind_${kind}`), about, offline: is_offline ? word("offline_tag") : "" });
  return part;
}

async function draw() {
  const [waiting, { counts, deeds }, till, reportedAt] = await Promise.all([
    listWaiting(), readDay(), recall("till"), recall("reported_at"),
  ]);
  const open = waiting.filter(({ rejected }) => rejected === undefined).length;
  const texts = Object.fromEntries(Object.entries(counts).map(([name, count]) => [`count_${name}`, writeNumber(count)]));
  const synced = syncedAt();
  fill(place, {
    ...texts,
    count_waiting: writeNumber(open),
    synced: synced === null ? word("never") : writeMoment(synced),
    reported: reportedAt === undefined ? word("never") : writeMoment(reportedAt),
    no_waiting: waiting.length === 0 ? word("nothing_waits") : "",
    no_deeds: deeds.length === 0 ? word("nothing_today") : "",
  });
  waitingList.replaceChildren(...waiting.map((each) => drawWaiting(each, till?.id ?? "")));
  deedList.replaceChildren(...deeds.map(drawDeed));
  root.dataset["waiting"] = String(waiting.length);
  const badge = find("[data-badge]", HTMLElement, document);
  badge.textContent = waiting.length === 0 ? "" : writeNumber(waiting.length);
  badge.hidden = waiting.length === 0;
  badge.dataset["rejected"] = String(waiting.length > open);
}

export function startToday() {
  document.addEventListener("till:queue", () => void draw());
  document.addEventListener("till:state", () => void draw());
  find("[data-sync]", HTMLButtonElement, place).addEventListener("click", async () => {
    fill(place, { sync_state: word("syncing") });
    await syncAll();
    await report();
    fill(place, { sync_state: word(hasLine() ? "sync_done" : "sync_failed") });
  });
  void draw();
}
