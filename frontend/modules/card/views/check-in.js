/** A store's QR has led here: the member checks in, with a fix that is asked for now and kept nowhere. */

import { callOnce } from "noren/card/api";
import { complain, onPress, showStep, tell } from "noren/card/forms";
import { serverNow } from "noren/card/clock";
import { fill, word, writeNumber } from "noren/card/words";

const FIX_WITHIN_MS = 20_000;
let code = "";

/** @returns {Promise<GeolocationPosition>} Raises GeolocationPositionError. */
function locate() {
  return new Promise((resolve, reject) => {
    const how = { enableHighAccuracy: true, maximumAge: 0, timeout: FIX_WITHIN_MS };
    navigator.geolocation.getCurrentPosition(resolve, reject, how);
  });
}

/** @param {HTMLElement} section */
async function checkIn(section) {
  if (!("geolocation" in navigator)) return complain(section, word("no_geolocation"));
  tell(section, word("locating"));
  /** @type {GeolocationCoordinates} */
  let coords;
  try {
    ({ coords } = await locate());
  } catch (error) {
    const isRefused = error instanceof GeolocationPositionError && error.code === error.PERMISSION_DENIED;
    tell(section, "");
    return complain(section, word(isRefused ? "location_refused" : "location_unknown"));
  }
  tell(section, word("checking_in"));
  const fix = {
    lat: coords.latitude,
    lon: coords.longitude,
    accuracy_m: coords.accuracy,
    recorded_at: new Date(serverNow()).toISOString(),
  };
  try {
    done(section, await callOnce("check-in", "POST", "/v1/me/visits", { body: { code, fix } }));
  } finally {
    tell(section, "");
  }
}

/** @param {HTMLElement} section @param {any} result */
function done(section, result) {
  const { points_earned: points, coupons } = result;
  const earned = [
    word(result.is_first_today ? "checked_in" : "checked_in_before"),
    points > 0 ? word("earned_points", { points: writeNumber(points) }) : "",
    coupons.length > 0 ? word("earned_coupons", { count: coupons.length }) : "",
  ];
  const balance = result.points_balance === null ? null : word("balance", { points: writeNumber(result.points_balance) });
  fill(section, { store: result.store_name, earned: earned.join(" ").trim(), balance });
  showStep(section, "done", false);
  const heading = section.querySelector('[data-fill="store"]');
  if (heading instanceof HTMLElement) heading.focus();
}

/** @param {HTMLElement} section */
export function prepare(section) {
  onPress(section, "[data-check-in]", () => checkIn(section));
}

/** @param {HTMLElement} section @param {string} [scanned] */
export function show(section, scanned = "") {
  code = scanned;
  complain(section, "");
  tell(section, "");
  showStep(section, code === "" ? "no-code" : "ask", false);
}
