/**
 * From LINE to the card: LINE's own script says who has come, by a token that our server has LINE check. It says so to
 * this page alone; the card's page runs no script of LINE's.
 */

import { call, Refusal } from "noren/card/api";
import { base, program } from "noren/card/app";
import { attempt, onPress, showStep, tell } from "noren/card/forms";
import { adopt, findMembership } from "noren/card/membership";
import { keep, recall } from "noren/card/store";
import { word } from "noren/card/words";

const place = document.querySelector("[data-liff]");
if (!(place instanceof HTMLElement)) throw new TypeError("no door from LINE on this page");
const section = place;

/** LINE's script has not come, or does not know who is there. */
class NoLine extends Error {}

/** The policy of this page names its host, and none else. @returns {Promise<void>} */
function loadSdk() {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.addEventListener("load", () => resolve());
    script.addEventListener("error", () => reject(new NoLine("no script")));
    script.src = section.dataset["sdk"] ?? "";
    document.head.append(script);
  });
}

/** @returns {Promise<{ token: string, user: string }>} the ID token, and whose it says that it is. Where somebody is to sign in at LINE first, the page is left. */
async function askLine() {
  try {
    await loadSdk();
    await liff.init({ liffId: section.dataset["liff"] ?? "" });
    if (!liff.isLoggedIn()) liff.login({ redirectUri: location.origin + location.pathname });
    const [token, told] = [liff.getIDToken(), liff.getDecodedIDToken()];
    if (token !== null && told?.sub) return { token, user: told.sub };
  } catch {
    // said below, whatever it was
  }
  throw new NoLine("no ID token");
}

function goToCard() {
  location.replace(base);
}

/** @param {any} issued @param {string} user */
async function show(issued, user) {
  await adopt(issued);
  await keep("line", { memberId: issued.member_id, user });
  goToCard();
}

/** @param {{ token: string, user: string }} who */
async function signIn({ token, user }) {
  const [former, known] = await Promise.all([findMembership(), recall("line")]);
  // The card of this very account is here already: each sign-in would make one more device.
  if (former !== undefined && known?.memberId === former.memberId && known.user === user) return goToCard();
  const body = { program, id_token: token, platform: "web" };
  /** @type {any} */
  let issued;
  try {
    issued = await call("POST", "/v1/line-sign-ins", { body, token: null });
  } catch (error) {
    if (!(error instanceof Refusal) || error.type !== "line-not-linked") throw error;
    offerCard({ token, user }, former !== undefined);
    return undefined;
  }
  // Whoever sends a link to their own LINE account must not take the card of who follows it.
  if (former === undefined || former.memberId === issued.member_id) return show(issued, user);
  onPress(section, "[data-switch]", () => show(issued, user));
  showStep(section, "other");
  return undefined;
}

/** @param {{ token: string, user: string }} who @param {boolean} hasCard */
function offerCard(who, hasCard) {
  const link = section.querySelector("[data-link]");
  const make = section.querySelector("[data-new]");
  if (link instanceof HTMLElement) link.hidden = !hasCard;
  if (make instanceof HTMLElement) make.hidden = hasCard;
  onPress(section, "[data-new]", async () => {
    await keep("line_waits", who); // linked as soon as there is a card: noren/card/line_link
    goToCard();
  });
  onPress(section, "[data-link]", async () => {
    await call("PUT", "/v1/me/line", { body: { id_token: who.token }, key: crypto.randomUUID() });
    await keep("line", { memberId: (await findMembership())?.memberId, user: who.user });
    goToCard();
  });
  showStep(section, "new");
}

await attempt(section, section, async () => {
  tell(section, word("liff_opening"));
  try {
    const who = await askLine();
    tell(section, "");
    await signIn(who);
  } catch (error) {
    tell(section, "");
    if (!(error instanceof NoLine)) throw error;
    tell(section, word("liff_failed"));
  }
});
