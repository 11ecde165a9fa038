/** What browsers have and TypeScript's own description of them has not yet. */

interface TrustedPolicyRules {
  createHTML(text: string): string;
  createScript(text: string): string;
  createScriptURL(text: string): string;
}

declare var trustedTypes:
  | { createPolicy(name: string, rules: TrustedPolicyRules): TrustedPolicyRules }
  | undefined;

declare class BarcodeDetector {
  constructor(options: { formats: string[] });
  detect(image: ImageData | HTMLVideoElement): Promise<{ rawValue: string }[]>;
  static getSupportedFormats(): Promise<string[]>;
}

/** What the server writes in front of the card's worker (frontend/workers/card). */
declare const CARD: { program: string; version: string; shell: string; files: string[] };

/** A worker's own interfaces: TypeScript has either these or those of pages. */
interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface PushEvent extends ExtendableEvent {
  readonly data: { json(): any } | null;
}

interface NotificationEvent extends ExtendableEvent {
  readonly notification: Notification;
}

interface WindowOfWorker {
  readonly url: string;
  focus(): Promise<WindowOfWorker>;
  navigate(url: string): Promise<WindowOfWorker | null>;
}

interface CardWorkerScope {
  readonly clients: {
    claim(): Promise<void>;
    matchAll(options: { type: "window"; includeUncontrolled: boolean }): Promise<WindowOfWorker[]>;
    openWindow(url: string): Promise<WindowOfWorker | null>;
  };
  readonly registration: ServiceWorkerRegistration;
  skipWaiting(): Promise<void>;
  addEventListener(name: "push", handle: (event: PushEvent) => void): void;
  addEventListener(name: "notificationclick", handle: (event: NotificationEvent) => void): void;
  addEventListener(name: "install" | "activate", handle: (event: ExtendableEvent) => void): void;
  addEventListener(name: "fetch", handle: (event: FetchEvent) => void): void;
}

/** LINE's script (noren/card/liff), as far as it is used. */
declare const liff: {
  init(options: { liffId: string }): Promise<void>;
  isLoggedIn(): boolean;
  login(options: { redirectUri: string }): void;
  getIDToken(): string | null;
  getDecodedIDToken(): { sub?: string } | null;
};
