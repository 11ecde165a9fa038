/**
 * What this browser keeps of the card: a database for each program. Where a browser keeps nothing (a private window, no
 * room) the card works as long as the page is open, and the page says so.
 */

import { app, program } from "noren/card/app";
import { makeDatabase } from "noren/shared/database";

const STORE = "kept";
/** @type {Map<string, unknown>} */
const inMemory = new Map();

const use = makeDatabase(`noren-card-${program}`, 1, (database) => void database.createObjectStore(STORE));

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
