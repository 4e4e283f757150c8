import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SecretPlace } from './secret.js';
import { SecretCipher } from './secret-cipher.js';

const cipher = new SecretCipher(randomBytes(32));
const place: SecretPlace = { projectId: 'p1', environmentId: 'e1', name: 'API_KEY', version: 1 };

describe('a sealed secret', () => {
  it('opens where it was sealed, and no two seals are alike', () => {
    const [a, b] = [cipher.seal(place, 'geheim ✓'), cipher.seal(place, 'geheim ✓')];
    expect(cipher.open(place, a)).toBe('geheim ✓');
    expect(a.equals(b)).toBe(false);
    expect(a.includes('geheim')).toBe(false);
  });

  it.each<[string, Partial<SecretPlace>]>([
    ['project', { projectId: 'p2' }],
    ['environment', { environmentId: 'e2' }],
    ['scope', { environmentId: null }],
    ['name', { name: 'OTHER' }],
    ['version', { version: 2 }],
  ])('does not open when it was moved to another %s', (_, moved) => {
    const sealed = cipher.seal(place, 'value');
    expect(() => cipher.open({ ...place, ...moved }, sealed)).toThrow(/can't be read/);
  });

  it('does not open when a byte was changed, cut off, or with another key', () => {
    const sealed = cipher.seal(place, 'value');
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => cipher.open(place, changed)).toThrow(/can't be read/);
    }
    expect(() => cipher.open(place, sealed.subarray(0, 20))).toThrow(/can't be read/);
    expect(() => new SecretCipher(randomBytes(32)).open(place, sealed)).toThrow(/can't be read/);
    expect(() => new SecretCipher(randomBytes(16))).toThrow(/16 bytes instead of 32/);
  });
});
