/**
 * The card's worker: the page starts without a network. Everything that the page is made of lies in one cache for each
 * version, written as a whole; it is only ever read as it was written. What the API answers is none of its business.
 *
 * The server writes `CARD` in front of this file: the program, the version, and the addresses that make it up.
 */

/** @typedef {{ program: string, version: string, shell: string, files: string[] }} CardFiles */

const worker = /** @type {CardWorkerScope} */ (/** @type {unknown} */ (self));
// No code of a program holds a colon, so no program's prefix begins another's.
const PREFIX = `noren-card:${CARD.program}:`;
const OWN = PREFIX + CARD.version;
/** A page that is open still asks for the files of the version before. */
const KEPT_VERSIONS = 2;

async function install() {
  const cache = await caches.open(OWN);
  await cache.addAll(CARD.files);
  await keepShell(cache, new Request(CARD.shell, { cache: "reload" }));
  await worker.skipWaiting();
}

/** @param {Cache} cache @param {Request} request */
async function keepShell(cache, request) {
  const answer = await fetch(request);
  if (!answer.ok) throw new TypeError(`the page is answered with ${answer.status}`);
  await cache.put(CARD.shell, answer.clone());
  return answer;
}

/** In the order in which they were made. */
async function findOwnCaches() {
  return (await caches.keys()).filter((name) => name.startsWith(PREFIX));
}

async function activate() {
  const others = (await findOwnCaches()).filter((name) => name !== OWN);
  await Promise.all(others.slice(0, Math.max(0, others.length + 1 - KEPT_VERSIONS)).map((name) => caches.delete(name)));
  await worker.clients.claim();
}

/** @param {Request | string} wanted */
async function findKept(wanted) {
  const names = [OWN, ...(await findOwnCaches()).filter((name) => name !== OWN).toReversed()];
  for (const name of names) {
    // oxlint-disable-next-line no-await-in-loop -- nearly always the first has it
    const kept = await (await caches.open(name)).match(wanted);
    if (kept !== undefined) return kept;
  }
  return undefined;
}

/** @param {Request} request */
async function answerWithFile(request) {
  return (await findKept(request)) ?? fetch(request);
}

/** In another language it is another text, which is kept from then on. @param {Request} request */
async function answerWithPage(request) {
  if (!new URL(request.url).searchParams.has("lang")) return (await findKept(CARD.shell)) ?? fetch(request);
  try {
    return await keepShell(await caches.open(OWN), request);
  } catch (error) {
    const kept = await findKept(CARD.shell);
    if (kept === undefined) throw error;
    return kept;
  }
}

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (url.pathname === CARD.shell) event.respondWith(answerWithPage(request));
  } else if (CARD.files.includes(url.pathname) || url.pathname.startsWith("/assets/")) {
    event.respondWith(answerWithFile(request));
  }
});
