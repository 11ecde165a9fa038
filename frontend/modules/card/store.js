/**
 * What this browser keeps of the card: a database for each program. Where a browser keeps nothing (a private window, no
 * room) the card works as long as the page is open, and the page says so.
 */

import { openDB } from "idb";
import { app, program } from "noren/card/app";

const STORE = "kept";
/** @type {Map<string, unknown>} */
const inMemory = new Map();

async function open() {
  return openDB(`noren-card-${program}`, 1, {
    upgrade: (database) => void database.createObjectStore(STORE),
    blocking: (_current, _wanted, event) => {
      // Another page of ours brings a newer form of it, or the person clears it: neither waits for us.
      if (event.target instanceof IDBDatabase) event.target.close();
    },
  });
}

/** @type {ReturnType<typeof open> | undefined} */
let opening;

/** @template T @param {(database: Awaited<ReturnType<typeof open>>) => Promise<T>} work */
async function use(work) {
  opening ??= open();
  try {
    return await work(await opening);
  } catch (error) {
    // A connection that was closed meanwhile is opened anew, once.
    if (!(error instanceof DOMException) || error.name !== "InvalidStateError") throw error;
    opening = open();
    return work(await opening);
  }
}

function tellNothingIsKept() {
  app.dataset["notKept"] = "";
}

/** @param {string} name @param {unknown} value */
export async function keep(name, value) {
  inMemory.set(name, value);
  try {
    await use((database) => database.put(STORE, value, name));
  } catch {
    tellNothingIsKept();
  }
}

/** @param {string} name @returns {Promise<any>} undefined: it is not there. */
export async function recall(name) {
  if (inMemory.has(name)) return inMemory.get(name);
  try {
    return await use((database) => database.get(STORE, name));
  } catch {
    tellNothingIsKept();
    return undefined;
  }
}

/** @param {string[]} names */
export async function drop(...names) {
  for (const name of names) inMemory.delete(name);
  try {
    await use((database) => Promise.all(names.map((name) => database.delete(STORE, name))));
  } catch {
    tellNothingIsKept();
  }
}

/** All of it: the card is no longer this browser's. */
export async function forgetAll() {
  inMemory.clear();
  try {
    await use((database) => database.clear(STORE));
  } catch {
    tellNothingIsKept();
  }
}
