/**
 * The camera: frames to whoever reads QR codes. The browser's own detector where it has one; else a worker (a thread of
 * its own) with a WebAssembly reader, so that a slow tablet goes on answering.
 */

import { find, root } from "noren/till/app";
import { policy } from "noren/shared/trusted_types";

const video = find("[data-camera] video", HTMLVideoElement);
/** Of the picture's middle, where people hold a card; more pixels make a slow reader slower, not better. */
const SIDE_PX = 640;
/** A code that stays in front of the camera is one scan; shown again after so long it is another. */
const FORGOTTEN_MS = 4_000;

/** @type {((frame: ImageData | HTMLVideoElement) => Promise<string | null>) | undefined} */
let read;
/** @type {MediaStream | undefined} */
let stream;
let decoded = 0;
let last = { text: "", at: 0 };

/** @returns {Promise<(frame: ImageData | HTMLVideoElement) => Promise<string | null>>} */
async function findReader() {
  if ("BarcodeDetector" in globalThis && (await BarcodeDetector.getSupportedFormats()).includes("qr_code")) {
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    root.dataset["reader"] = "platform";
    return async (frame) => (await detector.detect(frame))[0]?.rawValue ?? null;
  }
  root.dataset["reader"] = "worker";
  return startWorker();
}

function startWorker() {
  const address = /** @type {string} */ (policy.createScriptURL(root.dataset["decoder"] ?? ""));
  const worker = new Worker(address);
  /** @type {((text: string | null) => void)[]} */
  const asked = [];
  worker.addEventListener("message", ({ data }) => asked.shift()?.(data));
  return (/** @type {ImageData | HTMLVideoElement} */ frame) =>
    new Promise((/** @type {(text: string | null) => void} */ settle) => {
      asked.push(settle);
      if (frame instanceof ImageData) worker.postMessage(frame, [frame.data.buffer]);
    });
}

const canvas = document.createElement("canvas");
canvas.width = SIDE_PX;
canvas.height = SIDE_PX;
const context = canvas.getContext("2d", { willReadFrequently: true });

function grab() {
  if (root.dataset["reader"] === "platform" || context === null) return video;
  const side = Math.min(video.videoWidth, video.videoHeight);
  const left = (video.videoWidth - side) / 2;
  const top = (video.videoHeight - side) / 2;
  context.drawImage(video, left, top, side, side, 0, 0, SIDE_PX, SIDE_PX);
  return context.getImageData(0, 0, SIDE_PX, SIDE_PX);
}

/** @param {Found} found @typedef {(text: string, stays: boolean) => void} Found `stays`: a code was in view just before */
export async function startCamera(found) {
  const facing = /** @type {const} */ ({ facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } });
  stream = await navigator.mediaDevices.getUserMedia({ video: facing, audio: false });
  read ??= await findReader();
  video.srcObject = stream;
  await video.play();
  root.dataset["camera"] = "on";
  void look(found, stream);
}

export function stopCamera() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = undefined;
  video.srcObject = null;
  root.dataset["camera"] = "off";
}

/** Frame after frame, each when the one before was read. @param {Found} found @param {MediaStream} own */
async function look(found, own) {
  for (;;) {
    /* oxlint-disable no-await-in-loop */
    await nextFrame();
    if (stream !== own) return;
    if (document.hidden || video.videoWidth === 0) continue;
    const grabbed = performance.now();
    const text = await /** @type {NonNullable<typeof read>} */ (read)(grab()).catch(() => null);
    /* oxlint-enable no-await-in-loop */
    if (last.text !== "" && grabbed - last.at > FORGOTTEN_MS) forgetLast();
    if (text === null || text === "") continue;
    const before = last.text;
    last = { text, at: performance.now() };
    root.dataset["inView"] = "";
    if (text === before) continue;
    performance.mark("till:frame", { startTime: grabbed });
    performance.mark("till:decoded");
    decoded += 1;
    root.dataset["decoded"] = String(decoded);
    found(text, before !== "");
  }
}

function forgetLast() {
  last = { text: "", at: 0 };
  delete root.dataset["inView"];
}

function nextFrame() {
  return new Promise((settle) => {
    if ("requestVideoFrameCallback" in video && !document.hidden) video.requestVideoFrameCallback(settle);
    else setTimeout(settle, 200);
  });
}
