/** The stores: all of them, or the nearest ones where the phone says where it is. The place is asked with, and not kept. */

import { call, sayProblem } from "noren/card/api";
import { showKnown } from "noren/card/answers";
import { showList } from "noren/card/lists";
import { fill, word, writeMoment, writeNumber } from "noren/card/words";

/** @param {number} metres */
function sayDistance(metres) {
  if (metres < 1000) return word("metres", { metres: writeNumber(Math.max(10, Math.round(metres / 10) * 10)) });
  return word("kilometres", { kilometres: writeNumber(Math.round(metres / 100) / 10) });
}

/** @param {HTMLElement} section @param {{ store: any, distance_m: number | null }[]} stores */
function showStores(section, stores) {
  showList(section, "store", stores, ({ store, distance_m: distance }, row) => {
    const link = row.querySelector("a[data-call]");
    if (link instanceof HTMLAnchorElement && store.phone !== null) link.href = `tel:${store.phone.replace(/[^\d+]/g, "")}`;
    return {
      name: store.name,
      address: store.address,
      phone: store.phone,
      open: word(store.is_open ? "open_now" : "closed_now"),
      distance: distance === null ? null : sayDistance(distance),
    };
  });
}

/** @returns {Promise<GeolocationPosition>} */
function findPlace() {
  return new Promise((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(resolve, reject, { enableHighAccuracy: true, timeout: 10_000 });
  });
}

/** @param {HTMLElement} section */
async function showNearest(section) {
  try {
    const { coords } = await findPlace();
    const body = { lat: coords.latitude, lon: coords.longitude, limit: 20 };
    showStores(section, (await call("POST", "/v1/me/stores/nearest", { body })).items);
    fill(section, { complaint: null });
  } catch (error) {
    fill(section, { complaint: error instanceof GeolocationPositionError ? word("no_place") : sayProblem(error) });
  }
}

/** @param {HTMLElement} section */
export function prepare(section) {
  section.querySelector("[data-near]")?.addEventListener("click", () => void showNearest(section));
}

/** @param {HTMLElement} section */
export async function show(section) {
  try {
    await showKnown("stores", "/v1/me/stores", (page, at) => {
      showStores(section, page.items.map((/** @type {any} */ store) => ({ store, distance_m: null })));
      fill(section, { as_of: word("as_of", { time: writeMoment(at) }), complaint: null });
    });
  } catch (error) {
    fill(section, { complaint: sayProblem(error) });
  }
}
