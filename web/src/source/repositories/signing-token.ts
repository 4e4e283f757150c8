/**
 * The Standard Webhooks signing token that belongs to a webhook's secret: `whsec_` and the base64 of the secret's SHA-256.
 * null where the browser has no SubtleCrypto, which is so over plain http.
 */
export async function signingTokenOf(secret: string): Promise<string | null> {
  const subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle;
  if (!subtle) return null;
  const digest = new Uint8Array(await subtle.digest('SHA-256', new TextEncoder().encode(secret)));
  return `whsec_${btoa(String.fromCharCode(...digest))}`;
}
