export function keygen(...args: string[]): string;
export class SshHost implements AsyncDisposable {
  static make(): Promise<SshHost>;
  readonly folder: string;
  readonly url: string;
  letIn(publicKey: string): void;
  fingerprint(): string;
  changeHostKey(): Promise<void>;
  up(): Promise<void>;
  down(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
