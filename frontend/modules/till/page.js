/** The till's page: its views, what the whole page says of line and clock, and its worker. */

import { hasEnded, hasLine } from "noren/till/api";
import { base, fill, find, root, tell, word, writeNumber } from "noren/till/app";
import { minutesWrong, startClock } from "noren/till/clock";
import { openCounter, startCounter } from "noren/till/counter";
import { startKnowing, syncAll, whyBlind } from "noren/till/knowledge";
import { pair, startPairing, takeCodeFromAddress } from "noren/till/pairing";
import { startReporting } from "noren/till/queue";
import { drop, recall } from "noren/till/store";
import { startToday } from "noren/till/today";
import { startSounds } from "noren/till/verdict";
import { policy } from "noren/shared/trusted_types";

const VIEWS = new Set(["counter", "today", "pair"]);

/** @param {string} name @param {boolean} [isMoved] whether somebody went there */
function showView(name, isMoved = true) {
  root.dataset["view"] = name;
  for (const view of root.querySelectorAll("[data-view]")) {
    if (view instanceof HTMLElement) view.hidden = view.dataset["view"] !== name;
  }
  for (const link of document.querySelectorAll("[data-tabs] a")) {
    if (link.getAttribute("href") === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const heading = find(`[data-view="${name}"] h1`, HTMLElement);
  if (isMoved) heading.focus();
  if (name === "counter") openCounter();
}

async function chooseView(isMoved = true) {
  const isPaired = (await recall("till")) !== undefined;
  const asked = location.hash.slice(1);
  find("[data-tabs]", HTMLElement, document).hidden = !isPaired;
  if (!isPaired) return showView("pair", isMoved);
  showView(VIEWS.has(asked) ? asked : "counter", isMoved);
}

/** A link of the console brings a code; else it is one of the views. */
async function followAddress(isMoved = true) {
  const code = takeCodeFromAddress();
  await chooseView(isMoved);
  if (code !== null && (await pair(code)) !== null) await becomeTill();
}

/** What stands above every view, while it is so. */
async function showNotes() {
  const wrong = minutesWrong();
  const blind = whyBlind();
  const till = await recall("till");
  fill(document, {
    till_name: till === undefined ? "" : `${till.store_name} · ${till.name}`,
    note_line: hasLine() ? "" : word("note_line"),
    note_clock: wrong === 0 ? "" : word("note_clock", { minutes: writeNumber(Math.abs(wrong)) }),
    note_ended: till !== undefined && hasEnded() ? word("say_unauthenticated") : "",
    note_blind: till === undefined || blind === null ? "" : word(`note_${blind}`),
  });
  find("[data-ended]", HTMLElement, document).hidden = till === undefined || !hasEnded();
  root.dataset["line"] = hasLine() ? "on" : "off";
}

/** @param {ServiceWorkerRegistration} registration */
function offerUpdate(registration) {
  const note = find("[data-update]", HTMLElement, document);
  const watch = () => {
    note.hidden = registration.waiting === null || navigator.serviceWorker.controller === null;
  };
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", watch));
  find("button", HTMLButtonElement, note).addEventListener("click", () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
    registration.waiting?.postMessage("take over");
  });
  watch();
}

function nextController() {
  return new Promise((settle) => {
    navigator.serviceWorker.addEventListener("controllerchange", settle, { once: true });
  });
}

async function startWorker() {
  if (!("serviceWorker" in navigator)) return;
  const address = /** @type {string} */ (policy.createScriptURL(`${base}worker.js`));
  const registration = await navigator.serviceWorker.register(address, { scope: base, updateViaCache: "none" });
  offerUpdate(registration);
  await navigator.serviceWorker.ready;
  if (navigator.serviceWorker.controller === null) await nextController();
  root.dataset["offlineReady"] = "";
}

async function becomeTill() {
  await syncAll();
  await showNotes();
  location.hash = "#counter";
  await chooseView();
}

/** The key that has ended goes. What waits stays: this till reports it once it is paired anew. */
async function unpair() {
  await drop("till");
  tell("state");
  await chooseView();
}

async function start() {
  try {
    await startClock();
  } catch {
    fill(document, { note_blind: word("pair_not_kept") });
    return;
  }
  startSounds();
  await startKnowing();
  startCounter();
  startToday();
  startPairing(() => void becomeTill());
  find("[data-ended] button", HTMLButtonElement, document).addEventListener("click", () => void unpair());
  for (const name of ["till:state", "till:line"]) document.addEventListener(name, () => void showNotes());
  addEventListener("offline", () => void showNotes());
  addEventListener("online", () => void showNotes());
  addEventListener("hashchange", () => void followAddress());
  await followAddress(false);
  await showNotes();
  startReporting();
  void syncAll();
  root.dataset["started"] = "";
  await startWorker();
}

void start();
