/** What the server writes in front of the till's workers, and what these find there. */
declare const TILL: {
  program: string; version: string; shell: string; files: string[]; locales: string[]; default_locale: string;
};
declare const DECODER: { library: string; wasm: string };
declare const BarcodeDetectionAPI: {
  BarcodeDetector: { new (options: { formats: string[] }): { detect(image: ImageData): Promise<{ rawValue: string }[]> } };
  prepareZXingModule(options: { overrides: { locateFile: () => string }; fireImmediately: boolean }): void;
};
declare function importScripts(...addresses: string[]): void;

interface TillWorkerEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface TillFetchEvent extends TillWorkerEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface TillMessageEvent extends TillWorkerEvent {
  readonly data: unknown;
}

interface TillWorkerScope {
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(name: "install" | "activate", handle: (event: TillWorkerEvent) => void): void;
  addEventListener(name: "message", handle: (event: TillMessageEvent) => void): void;
  addEventListener(name: "fetch", handle: (event: TillFetchEvent) => void): void;
}
