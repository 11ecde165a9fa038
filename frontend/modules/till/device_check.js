/** Whether this browser can be a till: each thing that one needs is tried, not looked up by the browser's name. */

const MOST_CLOCK_ERROR_MS = 60_000;

/** @param {EcKeyGenParams | { name: string }} algorithm @param {EcdsaParams | { name: string }} signing */
async function canVerify(algorithm, signing) {
  const made = await crypto.subtle.generateKey(algorithm, false, ["sign", "verify"]);
  if (!("publicKey" in made)) return false;
  const text = new TextEncoder().encode("noren");
  const signature = await crypto.subtle.sign(signing, made.privateKey, text);
  return crypto.subtle.verify(signing, made.publicKey, signature, text);
}

/** Opened, written and removed again: a private window may have the interface and no store behind it. */
function canKeep() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("noren-till-check", 1);
    opening.addEventListener("upgradeneeded", () => opening.result.createObjectStore("tried"));
    opening.addEventListener("error", () => reject(opening.error));
    opening.addEventListener("success", () => {
      const transaction = opening.result.transaction("tried", "readwrite");
      transaction.objectStore("tried").put(1, "one");
      transaction.addEventListener("error", () => reject(transaction.error));
      transaction.addEventListener("complete", () => {
        opening.result.close();
        indexedDB.deleteDatabase("noren-till-check");
        resolve(true);
      });
    });
  });
}

async function hasCamera() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.some((device) => device.kind === "videoinput");
}

async function readsCodes() {
  return "BarcodeDetector" in globalThis && (await BarcodeDetector.getSupportedFormats()).includes("qr_code");
}

/** @param {HTMLElement} list */
function hasRightClock(list) {
  return Math.abs(Date.now() - Number(list.dataset["now"])) < MOST_CLOCK_ERROR_MS;
}

/** @type {Record<string, (list: HTMLElement) => unknown>} */
const TRIALS = {
  cards: () => canVerify({ name: "ECDSA", namedCurve: "P-256" }, { name: "ECDSA", hash: "SHA-256" }),
  certificates: () => canVerify({ name: "Ed25519" }, { name: "Ed25519" }),
  keeping: canKeep,
  offline: () => isSecureContext && "serviceWorker" in navigator,
  clock: hasRightClock,
  camera: hasCamera,
  reader: readsCodes,
};

/** @param {string} name @param {HTMLElement} list */
async function attempt(name, list) {
  try {
    return Boolean(await TRIALS[name]?.(list));
  } catch {
    return false; // what a browser does not know it throws for
  }
}

/** @param {HTMLElement} list @param {HTMLElement} item */
async function judge(list, item) {
  const passed = await attempt(item.dataset["trial"] ?? "", list);
  item.dataset["verdict"] = passed ? "yes" : "no";
  const verdict = item.querySelector("[data-verdict-text]");
  if (verdict !== null) verdict.textContent = (passed ? list.dataset["yes"] : list.dataset["no"]) ?? "";
  return passed || item.dataset["needed"] === undefined;
}

async function tryAll() {
  const list = document.querySelector("[data-trials]");
  const summary = document.querySelector("[data-summary]");
  if (!(list instanceof HTMLElement) || !(summary instanceof HTMLElement)) return;
  const items = [...list.querySelectorAll("[data-trial]")].filter((item) => item instanceof HTMLElement);
  const verdicts = await Promise.all(items.map((item) => judge(list, item)));
  const isFit = verdicts.every(Boolean);
  summary.dataset["verdict"] = isFit ? "yes" : "no";
  summary.textContent = (isFit ? summary.dataset["yes"] : summary.dataset["no"]) ?? "";
}

void tryAll();
