/**
 * The till's worker: the page starts without a network, in both languages. What it is made of lies in one cache for
 * each version. A newer worker waits until the page lets it in: nobody's sale is interrupted. What waits to be reported
 * lies in the database, which no worker touches.
 *
 * The server writes `TILL` in front of this file: the program, the version, and the addresses that make it up.
 * It stands in a block: type checks see the workers of all faces as one script.
 */

{
  const worker = /** @type {TillWorkerScope} */ (/** @type {unknown} */ (self));
  // No code of a program holds a colon, so no program's prefix begins another's.
  const PREFIX = `noren-till:${TILL.program}:`;
  const OWN = PREFIX + TILL.version;
  const LANGUAGE = `${TILL.shell}language`;

  async function install() {
    const cache = await caches.open(OWN);
    // Without cookies, so that to keep both languages chooses neither.
    const pages = TILL.locales.map((locale) => new Request(pageIn(locale), { cache: "reload", credentials: "omit" }));
    await cache.addAll([...TILL.files, ...pages]);
    // The first one has nobody to wait for.
    const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== OWN);
    if (others.length === 0) await worker.skipWaiting();
  }

  /** @param {string} locale */
  function pageIn(locale) {
    return `${TILL.shell}?lang=${locale}`;
  }

  async function activate() {
    const names = await caches.keys();
    const language = await chosenLanguage();
    await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== OWN).map((name) => caches.delete(name)));
    if (language !== null) await remember(language);
    await worker.clients.claim();
  }

  /** The one that was chosen on the page, of any version. */
  async function chosenLanguage() {
    const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX));
    const kept = await Promise.all(names.map(async (name) => (await caches.open(name)).match(LANGUAGE)));
    const answer = kept.find((each) => each !== undefined);
    return answer === undefined ? null : answer.text();
  }

  /** @param {string} language */
  async function remember(language) {
    await (await caches.open(OWN)).put(LANGUAGE, new Response(language));
  }

  /** @param {Request} request */
  async function answerWithPage(request) {
    const asked = new URL(request.url).searchParams.get("lang");
    if (asked !== null && TILL.locales.includes(asked)) await remember(asked);
    const language = (await chosenLanguage()) ?? (navigator.language.startsWith("en") ? "en" : TILL.default_locale);
    const cache = await caches.open(OWN);
    return (await cache.match(pageIn(language), { ignoreVary: true })) ?? fetch(request);
  }

  /** @param {Request} request */
  async function answerWithFile(request) {
    return (await (await caches.open(OWN)).match(request, { ignoreVary: true })) ?? fetch(request);
  }

  worker.addEventListener("install", (event) => event.waitUntil(install()));
  worker.addEventListener("activate", (event) => event.waitUntil(activate()));
  worker.addEventListener("message", (event) => {
    if (event.data === "take over") event.waitUntil(worker.skipWaiting());
  });
  worker.addEventListener("fetch", (event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (request.method !== "GET" || url.origin !== location.origin) return;
    if (request.mode === "navigate") {
      if (url.pathname === TILL.shell) event.respondWith(answerWithPage(request));
    } else if (TILL.files.includes(url.pathname)) {
      event.respondWith(answerWithFile(request));
    }
  });
}
