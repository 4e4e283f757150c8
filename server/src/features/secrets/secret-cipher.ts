import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { SecretPlace } from './secret.js';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = 1;

/**
 * Secrets at rest: AES-256-GCM (NIST SP 800-38D) with the installation's key.
 * Stored as format (1 byte), nonce (12), tag (16), ciphertext. The place is authenticated with it, so that a ciphertext moved to
 * another project, environment, name or version does not decrypt.
 */
export class SecretCipher {
  /** @param key 32 random bytes */
  constructor(private readonly key: Uint8Array) {
    if (key.length !== KEY_BYTES) {
      throw new Error(
        `The installation's key has ${key.length} bytes instead of ${KEY_BYTES}. Put the key file back from a backup: without it no stored secret can be read.`,
      );
    }
  }

  seal(place: SecretPlace, value: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(bindingOf(place));
    const sealed = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.from([FORMAT]), nonce, cipher.getAuthTag(), sealed]);
  }

  /** @throws SecretUnreadable when the bytes were sealed elsewhere, changed, or with another key */
  open(place: SecretPlace, stored: Uint8Array): string {
    try {
      if (stored[0] !== FORMAT) throw new Error(`format ${stored[0]} is not known`);
      const [nonceEnd, tagEnd] = [1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES];
      const decipher = createDecipheriv(ALGORITHM, this.key, stored.subarray(1, nonceEnd), { authTagLength: TAG_BYTES });
      decipher.setAAD(bindingOf(place));
      decipher.setAuthTag(stored.subarray(nonceEnd, tagEnd));
      return Buffer.concat([decipher.update(stored.subarray(tagEnd)), decipher.final()]).toString('utf8');
    } catch (cause) {
      throw new SecretUnreadable(place, cause);
    }
  }
}

export class SecretUnreadable extends Error {
  constructor(place: SecretPlace, cause: unknown) {
    super(
      `Secret "${place.name}" (version ${place.version}) can't be read: it was stored elsewhere, changed, or with another key. Set it anew.`,
      { cause },
    );
  }
}

const bindingOf = ({ projectId, environmentId, name, version }: SecretPlace): Buffer =>
  Buffer.from(JSON.stringify(['slipway secret', projectId, environmentId, name, version]));
