/**
 * The one policy of Trusted Types that a page of ours may make (the CSP names it). HTML is what our own server has
 * escaped; an address of a script must be of our origin; nothing makes a script of a text.
 */

/** @param {string} url */
function requireOwnAddress(url) {
  const address = new URL(url, document.baseURI);
  if (address.origin !== location.origin) throw new TypeError("a script of another origin");
  return address.href;
}

/** @returns {never} */
function refuseScript() {
  throw new TypeError("no script is made of a text");
}

const RULES = {
  /** @param {string} html */
  createHTML: (html) => html,
  createScript: refuseScript,
  createScriptURL: requireOwnAddress,
};

/** Browsers without Trusted Types get the same rules. */
export const policy = globalThis.trustedTypes?.createPolicy("noren", RULES) ?? RULES;
