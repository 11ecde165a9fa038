/**
 * Web push: FCM delivers the notification as it was written, and a tap leads to what it tells of. What is about a coupon
 * opens it in the card.
 */

/** @param {PushEvent} event */
function readPush(event) {
  try {
    return event.data?.json() ?? {};
  } catch {
    return {}; // not from FCM
  }
}

/** @param {Record<string, string>} data @param {string | undefined} link */
function findTarget(data, link) {
  if (link !== undefined && link.startsWith("https://")) return link;
  return data["coupon_id"] === undefined ? CARD.shell : `${CARD.shell}#/coupon/${encodeURIComponent(data["coupon_id"])}`;
}

worker.addEventListener("push", (event) => {
  const { notification = {}, data = {}, fcmOptions = {} } = readPush(event);
  const shown = {
    body: notification.body ?? "",
    tag: notification.tag ?? data["push_id"] ?? "",
    icon: `${CARD.shell}icon-192.png`,
    data: { target: findTarget(data, data["link"] ?? fcmOptions.link) },
  };
  // A browser that gets a push and shows nothing is taken the right to more.
  event.waitUntil(worker.registration.showNotification(notification.title ?? "", shown));
});

/** @param {string} target */
async function open(target) {
  const own = new URL(target, location.origin);
  const isOurs = own.origin === location.origin && own.pathname === CARD.shell;
  const windows = isOurs ? await worker.clients.matchAll({ type: "window", includeUncontrolled: true }) : [];
  const card = windows.find((each) => new URL(each.url).pathname === CARD.shell);
  if (card === undefined) return worker.clients.openWindow(own.href);
  await card.focus();
  return card.navigate(own.href);
}

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data.target));
});
