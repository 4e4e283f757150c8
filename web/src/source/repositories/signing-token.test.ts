import { describe, expect, it, vi } from 'vitest';
import { signingTokenOf } from './signing-token.ts';

describe('the signing token of a webhook', () => {
  it('is what the documented openssl command makes of the secret', async () => {
    // printf %s hello | openssl dgst -sha256 -binary | base64
    expect(await signingTokenOf('hello')).toBe('whsec_LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=');
  });

  it('is left to the terminal where the browser has no SubtleCrypto', async () => {
    vi.stubGlobal('crypto', {});
    expect(await signingTokenOf('hello')).toBeNull();
    vi.unstubAllGlobals();
  });
});
