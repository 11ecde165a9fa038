/** Whose card this browser shows, and whether it makes the card's codes. */

import { call, callOnce, Refusal } from "noren/card/api";
import { app, base, locale, program } from "noren/card/app";
import { serverNow } from "noren/card/clock";
import { makeKey, proveKey } from "noren/card/key";
import { drop, forgetAll, keep, recall } from "noren/card/store";

/**
 * @typedef {{ memberId: string, deviceId: string, token: string, number: string | null, locale: string | null }} Membership
 * @typedef {{ serial: string, certificate: string, expires_at: string, renew_from: string }} Certificate
 * @typedef {{ member_id: string, device_id: string, device_token: string, card?: { number: string } }} Issued
 */

/** @returns {Promise<Membership | undefined>} */
export async function findMembership() {
  return recall("membership");
}

/**
 * Somebody joins. What was sent and not answered is sent again as it was, so that nobody joins twice.
 * @param {{ consents: { purpose: string, granted: boolean, text_version: string }[], storeId: string | null, invitation: string | null }} choice
 */
export async function enrol({ consents, storeId, invitation }) {
  const came = invitation === null ? { store_id: storeId } : { invitation };
  const body = { program, platform: "web", locale, consents, ...came };
  await navigator.locks.request(`noren-card-enrolment-${program}`, async () => {
    if ((await findMembership()) !== undefined) return; // in another tab
    /** @type {Issued} */
    const issued = await callOnce("enrolment", "POST", "/v1/members", { body, token: null });
    await adopt(issued, locale);
  });
  void navigator.storage?.persist?.();
}

/**
 * This browser is that device from now on, as an enrolment, a transfer, a claim or a recovery has made it. The key of
 * the one before is of no use any more.
 * @param {Issued} issued @param {string | null} spoken the language that the server knows of it; null: ask
 */
export async function adopt(issued, spoken = null) {
  await drop("key", "certificate", "lost", "looked");
  await keep("membership", {
    memberId: issued.member_id,
    deviceId: issued.device_id,
    token: issued.device_token,
    number: issued.card?.number ?? null,
    locale: spoken,
  });
}

/** Coupons and messages come in the page's language. Raises Refusal and Unreachable. */
export async function tellLanguage() {
  const membership = await findMembership();
  if (membership === undefined || membership.locale === locale) return;
  await call("PATCH", "/v1/me/device", { body: { locale }, key: crypto.randomUUID() });
  await keep("membership", { ...membership, locale });
}

/** This browser has no card any more, and nothing brings it back here. */
export async function leave() {
  await fetch(RECOVERY, { method: "DELETE" }).catch(() => undefined); // the server ends it with the device, too
  await forgetAll();
}

const RECOVERY = `${base}recovery`;
/** Long before a browser drops the cookie. */
const ASKED_AGAIN_AFTER_MS = 7 * 24 * 3600 * 1000;

/** A card was here, and is not any more: the server has said so. */
export async function markLost() {
  await keep("lost", true);
}

/** Whether there is a card to be looked for: one that ended here, or one that only a cookie remembers. */
export async function mayBeLost() {
  if ((await recall("lost")) !== undefined) return true;
  const isFresh = (await findMembership()) === undefined && (await recall("looked")) === undefined;
  // A page out of the worker's cache was not asked for with the cookie.
  return isFresh && ("recoverable" in app.dataset || navigator.serviceWorker?.controller !== null);
}

/** It was looked for in vain, or the person wants another one: this browser begins anew. */
export async function giveUp() {
  await forgetAll();
  await keep("looked", true);
}

/**
 * By a cookie that no script can read this browser gets its card back, should it lose what scripts keep. Raises Refusal
 * and Unreachable.
 */
export async function prepareRecovery() {
  const { deviceId } = (await findMembership()) ?? {};
  const former = await recall("recovery");
  if (deviceId === undefined) return;
  if (former?.deviceId !== deviceId || Date.now() - former.at > ASKED_AGAIN_AFTER_MS) {
    await call("POST", RECOVERY);
    await keep("recovery", { deviceId, at: Date.now() });
  }
  app.dataset["recoverable"] = "";
}

/**
 * The card of that cookie. Another phone that makes the card's codes goes on doing so. Raises Refusal and Unreachable.
 * @returns {Promise<boolean>} whether there is one
 */
export async function recover() {
  return navigator.locks.request(`noren-card-recovery-${program}`, async () => {
    /** @type {Issued | null} */
    const issued = await call("POST", `${RECOVERY}/device`, { token: null });
    if (issued === null) return false;
    await adopt(issued);
    await keep("recovery", { deviceId: issued.device_id, at: Date.now() }); // the same cookie goes on
    return true;
  });
}

/** @returns {Promise<{ pair: CryptoKeyPair, certificate: Certificate } | undefined>} what makes codes here */
export async function findSigner() {
  const [pair, certificate] = await Promise.all([recall("key"), recall("certificate")]);
  if (pair === undefined || certificate === undefined) return undefined;
  return Date.parse(certificate.expires_at) > serverNow() ? { pair, certificate } : undefined;
}

/**
 * A new key makes the card's codes from now on; a former one, here or on another phone, ends. One that was registered
 * without our having heard of it is registered again.
 */
export async function takeCard() {
  return navigator.locks.request(`noren-card-key-${program}`, async () => {
    const membership = await findMembership();
    if (membership === undefined) return;
    const pair = (await recall("key")) ?? (await makeKey());
    await keep("key", pair);
    const body = await proveKey(pair, membership.memberId, membership.deviceId);
    try {
      await keep("certificate", await call("POST", "/v1/me/card/key", { body, key: crypto.randomUUID() }));
    } catch (error) {
      if (error instanceof Refusal && error.type === "card-key-unusable") await drop("key");
      throw error;
    }
  });
}

/**
 * What the server says of the card: its number is kept, its certificate renewed where that is due, and a card that has
 * no key yet gets this browser's. Raises Refusal and Unreachable.
 * @returns {Promise<"here" | "elsewhere" | "stopped">} where its codes are made
 */
export async function checkCard() {
  const card = await call("GET", "/v1/me/card");
  const membership = await findMembership();
  if (membership !== undefined && membership.number !== card.number) {
    await keep("membership", { ...membership, number: card.number });
  }
  const certificate = await recall("certificate");
  if (card.key === null && certificate === undefined) {
    await takeCard();
    return "here";
  }
  if (!card.key?.is_on_this_device) {
    await drop("key", "certificate");
    return card.key === null ? "stopped" : "elsewhere";
  }
  if (certificate === undefined || (await recall("key")) === undefined) {
    await drop("key");
    await takeCard();
  } else if (Date.parse(certificate.renew_from) <= serverNow()) {
    await keep("certificate", await call("GET", "/v1/me/card/certificate"));
  }
  return "here";
}
