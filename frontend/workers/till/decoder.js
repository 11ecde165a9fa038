/**
 * Reads QR codes on a thread of its own. The server writes `DECODER` in front of this file: where the library and its
 * WebAssembly lie here. The library's own default is an address elsewhere, which no policy of ours lets through.
 * It stands in a block: type checks see the workers of all faces as one script.
 */

{
  importScripts(DECODER.library);

  BarcodeDetectionAPI.prepareZXingModule({
    overrides: { locateFile: () => DECODER.wasm },
    fireImmediately: false,
  });
  const detector = new BarcodeDetectionAPI.BarcodeDetector({ formats: ["qr_code"] });

  /** @param {ImageData} image */
  async function read(image) {
    try {
      return (await detector.detect(image))[0]?.rawValue ?? null;
    } catch {
      return null; // a frame that could not be read: the next one comes
    }
  }

  /** @type {Promise<unknown>} */
  let busy = Promise.resolve();
  self.addEventListener("message", ({ data }) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has one listener, its page
    busy = busy.then(async () => self.postMessage(await read(data)));
  });
}
