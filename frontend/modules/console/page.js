/** What every page of the console runs: htmx without a way to make a script, and the focus where something new is. */

import htmx from "htmx.org";
import { policy } from "noren/shared/trusted_types";
import "noren/console/typed_before";

function refuseFunction() {
  throw new TypeError("no function is made of a text");
}

htmx.registerExtension("noren", {
  /** @param {{ initSecurity: (policy: unknown, sync: unknown, async_: unknown) => void }} api */
  init: (api) => api.initSecurity(policy, refuseFunction, refuseFunction),
});

/** @param {boolean} isLost */
function showWhetherLost(isLost) {
  const note = document.querySelector("[data-connection-lost]");
  if (note instanceof HTMLElement) note.hidden = !isLost;
}

document.addEventListener("htmx:error", () => showWhetherLost(true));
document.addEventListener("htmx:after:request", () => showWhetherLost(false));

// Whoever uses a keyboard or a screen reader goes on where the new part begins.
// What stood there before stays where it is: a part that is swapped in elsewhere takes nobody out of a field.
const seen = new WeakSet(document.querySelectorAll("[data-focus-after-swap]"));
document.addEventListener("htmx:after:swap", () => {
  const fresh = [...document.querySelectorAll("[data-focus-after-swap]")].filter((each) => !seen.has(each));
  for (const each of fresh) seen.add(each);
  if (fresh[0] instanceof HTMLElement) fresh[0].focus();
});
