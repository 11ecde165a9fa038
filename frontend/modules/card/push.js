/** Notifications of this browser, by Firebase Cloud Messaging. Its SDK is loaded when somebody asks for them. */

import { call } from "noren/card/api";
import { drop, keep, recall } from "noren/card/store";

/** @typedef {import("noren/card/offers").WebPush} WebPush */

/** @returns {Promise<"none" | "refused" | "off" | "on">} none: this browser knows no web push, or not here */
export async function findPush() {
  if (!("Notification" in globalThis) || !("PushManager" in globalThis)) return "none";
  if (Notification.permission === "denied") return "refused";
  const isOn = Notification.permission === "granted" && (await recall("push")) !== undefined;
  return isOn ? "on" : "off";
}

/** @param {WebPush} config */
async function openMessaging(config) {
  const [{ getApp, getApps, initializeApp }, messaging] = await Promise.all([
    import("@firebase/app"),
    import("@firebase/messaging"),
  ]);
  const { vapidKey: _, ...options } = config;
  const app = getApps().length > 0 ? getApp() : initializeApp(options);
  return { messaging, opened: messaging.getMessaging(app) };
}

/** Asks the person, and tells the server where pushes go. Raises what fails. @param {WebPush} config */
export async function startPush(config) {
  if ((await Notification.requestPermission()) !== "granted") return findPush();
  const { messaging, opened } = await openMessaging(config);
  const serviceWorkerRegistration = await navigator.serviceWorker.ready;
  const token = await messaging.getToken(opened, { vapidKey: config.vapidKey, serviceWorkerRegistration });
  await call("PUT", "/v1/me/device/push-token", { body: { token, kind: "registration" }, key: crypto.randomUUID() });
  await keep("push", { token, at: Date.now() });
  return findPush();
}

/** The server forgets the address first: whatever becomes of the rest, nothing is sent there any more. */
export async function stopPush() {
  await call("DELETE", "/v1/me/device/push-token", { key: crypto.randomUUID() });
  const registration = await navigator.serviceWorker.ready;
  await (await registration.pushManager.getSubscription())?.unsubscribe();
  await drop("push");
}

const REFRESH_AFTER_MS = 7 * 24 * 3600 * 1000;

/** Firebase changes a token now and then: it is asked for anew, as its documentation wants it. @param {WebPush} config */
export async function refreshPush(config) {
  const kept = await recall("push");
  if (kept === undefined || Date.now() - kept.at < REFRESH_AFTER_MS) return;
  if ((await findPush()) === "on") await startPush(config);
}
