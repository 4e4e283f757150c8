import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = 1;

/** What a sealed value belongs to: the same bytes anywhere else don't open. */
export type Binding = readonly (string | number | null)[];

/** The bytes were sealed elsewhere, changed, or with another key. */
export class NotOpened extends Error {}

/**
 * Values at rest: AES-256-GCM (NIST SP 800-38D) with the installation's key.
 * Stored as format (1 byte), nonce (12), tag (16), ciphertext. The binding is authenticated with it, so that a ciphertext
 * that was moved does not decrypt.
 */
export class SealedBox {
  /** @param key 32 random bytes */
  constructor(private readonly key: Uint8Array) {
    if (key.length !== KEY_BYTES) {
      throw new Error(
        `The installation's key has ${key.length} bytes instead of ${KEY_BYTES}. Restore the key file from a backup: without it no stored secret can be read.`,
      );
    }
  }

  seal(binding: Binding, value: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(bytesOf(binding));
    const sealed = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.from([FORMAT]), nonce, cipher.getAuthTag(), sealed]);
  }

  /** @throws NotOpened */
  open(binding: Binding, stored: Uint8Array): string {
    try {
      if (stored[0] !== FORMAT) throw new Error(`format ${stored[0]} is not known`);
      const [nonceEnd, tagEnd] = [1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES];
      const decipher = createDecipheriv(ALGORITHM, this.key, stored.subarray(1, nonceEnd), { authTagLength: TAG_BYTES });
      decipher.setAAD(bytesOf(binding));
      decipher.setAuthTag(stored.subarray(nonceEnd, tagEnd));
      return Buffer.concat([decipher.update(stored.subarray(tagEnd)), decipher.final()]).toString('utf8');
    } catch (cause) {
      throw new NotOpened("A sealed value can't be opened: it was stored in another place, changed, or sealed with another key.", {
        cause,
      });
    }
  }
}

const bytesOf = (binding: Binding): Buffer => Buffer.from(JSON.stringify(binding));
