/** Whose card this browser shows, and whether it makes the card's codes. */

import { call, callOnce, Refusal } from "noren/card/api";
import { locale, program } from "noren/card/app";
import { serverNow } from "noren/card/clock";
import { makeKey, proveKey } from "noren/card/key";
import { drop, forgetAll, keep, recall } from "noren/card/store";

/**
 * @typedef {{ memberId: string, deviceId: string, token: string, number: string | null, locale: string }} Membership
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
  /** @type {Issued} */
  const issued = await callOnce("enrolment", "POST", "/v1/members", { body, token: null });
  await adopt(issued);
  void navigator.storage?.persist?.();
}

/**
 * This browser is that device from now on, as an enrolment, a transfer, a claim or a recovery has made it. The key of
 * the one before is of no use any more.
 * @param {Issued} issued
 */
export async function adopt(issued) {
  await drop("key", "certificate");
  await keep("membership", {
    memberId: issued.member_id,
    deviceId: issued.device_id,
    token: issued.device_token,
    number: issued.card?.number ?? null,
    locale,
  });
}

/** This browser has no card any more. */
export async function leave() {
  await forgetAll();
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
