/** The card's page: which view is shown, by the address behind the `#`, and the worker that lets it start offline. */

import { policy } from "noren/shared/trusted_types";
import { app, base } from "noren/card/app";
import { startClock } from "noren/card/clock";
import { watchForLine } from "noren/card/line_link";
import { findMembership, markLost, mayBeLost } from "noren/card/membership";
import * as join from "noren/card/views/join";

/**
 * What a view's module exports. `prepare` is called once, before it is first shown: for what listens. `show` whenever it
 * is shown, with its section and what stands behind its name in the address (`#/coupon/ID`); `hide` when another is.
 * @typedef {{
 *   prepare?: (section: HTMLElement) => void,
 *   show: (section: HTMLElement, ...rest: string[]) => unknown,
 *   hide?: () => void,
 * }} View
 */

/** @type {Record<string, View>} What a newcomer sees is there from the start; the others are loaded when they are shown. */
const views = { join };
/** @type {Set<string>} */
const prepared = new Set();
/** @type {string | undefined} */
let shown;

/** @param {string} name */
function findSection(name) {
  const section = app.querySelector(`[data-view="${CSS.escape(name)}"]`);
  return section instanceof HTMLElement ? section : undefined;
}

const OF_STRANGERS = new Set(["join", "lost"]);

/** Who has no card sees only what is for anybody. */
async function choose() {
  const [name = "", ...rest] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  if (await mayBeLost()) return { name: "lost", rest: [] };
  const isMember = (await findMembership()) !== undefined;
  const wanted = findSection(name);
  if (wanted !== undefined && (isMember ? !OF_STRANGERS.has(name) : "anybody" in wanted.dataset)) {
    return { name, rest };
  }
  return { name: isMember ? "home" : "join", rest: [] };
}

/** How often a view has been asked for: the newest wins, however long one before it takes to load. */
let asked = 0;

async function showView() {
  asked += 1;
  const mine = asked;
  const { name, rest } = await choose();
  const section = findSection(name);
  if (section === undefined) return;
  const view = (views[name] ??= /** @type {View} */ (await import(`noren/card/views/${name}`)));
  if (mine !== asked) return;
  if (!prepared.has(name)) view.prepare?.(section);
  prepared.add(name);
  const isFirst = shown === undefined;
  if (shown !== undefined && shown !== name) views[shown]?.hide?.();
  shown = name;
  for (const each of app.querySelectorAll("[data-view]")) {
    if (each instanceof HTMLElement) each.hidden = each !== section;
  }
  markTab(name);
  const heading = section.querySelector("h1");
  if (!isFirst && heading instanceof HTMLElement) {
    scrollTo(0, 0);
    heading.focus({ preventScroll: true });
  }
  await view.show(section, ...rest);
  if (mine === asked) app.dataset["shown"] = name;
}

/** @param {string} name */
function markTab(name) {
  const tabs = document.querySelector("[data-tabs]");
  if (!(tabs instanceof HTMLElement)) return;
  tabs.hidden = OF_STRANGERS.has(name);
  for (const link of tabs.querySelectorAll("a")) {
    const names = (link.dataset["of"] ?? "").split(" ");
    if (names.includes(name)) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

let workersSeen = 0;
/** @type {ServiceWorker | null} */
let seen = null;

/** From now on the page starts without a network, with what this worker keeps. @param {ServiceWorker | null} worker */
function noteWorker(worker) {
  if (worker === null || worker === seen) return;
  seen = worker;
  workersSeen += 1;
  app.dataset["startsOffline"] = String(workersSeen);
}

/**
 * A worker that begins takes over the pages that are there. One that was still on its way then, or that was loaded past
 * the worker, is none of them, and yet starts without a network the next time.
 */
async function noteOnceActive() {
  const { active } = await navigator.serviceWorker.ready;
  const look = () => {
    if (active?.state === "activated") noteWorker(active);
  };
  active?.addEventListener("statechange", look);
  look();
}

async function startWorker() {
  if (!("serviceWorker" in navigator)) return;
  const workers = navigator.serviceWorker;
  noteWorker(workers.controller);
  workers.addEventListener("controllerchange", () => noteWorker(workers.controller));
  const url = policy.createScriptURL(`${base}worker.js`);
  await workers.register(url, { scope: base });
  void noteOnceActive();
}

addEventListener("hashchange", () => void showView());
// Another view may have brought a card here, or taken it away.
document.addEventListener("card:membership", () => {
  if (location.hash === "" || location.hash === "#/") void showView();
  else location.hash = "#/";
});

// The server knows this device no longer.
document.addEventListener("card:signed-out", () => {
  void markLost().then(() => document.dispatchEvent(new CustomEvent("card:membership")));
});

watchForLine();
await startClock();
await showView();
await startWorker().catch(() => undefined); // a private window of Firefox has none: the card works without
