/** A page's database: opened when it is first used, and anew where another page of ours has closed it meanwhile. */

import { openDB } from "idb";

/**
 * @param {string} name @param {number} version
 * @param {(database: import("idb").IDBPDatabase) => void} upgrade makes the stores of that version
 */
export function makeDatabase(name, version, upgrade) {
  function open() {
    return openDB(name, version, {
      upgrade,
      // Another page of ours brings a newer form of it, or the person clears it: neither waits for us.
      blocking: (_current, _wanted, event) => {
        if (event.target instanceof IDBDatabase) event.target.close();
      },
    });
  }

  /** @type {ReturnType<typeof open> | undefined} */
  let opening;

  /** @template T @param {(database: import("idb").IDBPDatabase) => Promise<T>} work */
  return async function use(work) {
    opening ??= open();
    try {
      return await work(await opening);
    } catch (error) {
      // A connection that was closed meanwhile is opened anew, once.
      if (!(error instanceof DOMException) || error.name !== "InvalidStateError") throw error;
      opening = open();
      return work(await opening);
    }
  };
}
