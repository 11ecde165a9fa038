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
  static getSupportedFormats(): Promise<string[]>;
}
