import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = 1;

/**
 * Seals texts for the disk: AES-256-GCM (NIST SP 800-38D) with a key derived from the agent's own. Stored as format (1 byte), nonce (12), tag (16),
 * ciphertext. What a text belongs to is authenticated with it, so it can't be opened in another place.
 */
export class SealedText {
  private readonly key: Uint8Array;

  /** @param agentKey the seed of the agent's key pair */
  constructor(agentKey: Uint8Array) {
    this.key = new Uint8Array(hkdfSync('sha256', agentKey, '', 'slipway environment state', KEY_BYTES));
  }

  seal(belongsTo: string, text: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(belongsTo));
    const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.from([FORMAT]), nonce, cipher.getAuthTag(), sealed]);
  }

  /** @throws Error when it was sealed elsewhere, with another key, or has changed since */
  open(belongsTo: string, sealed: Uint8Array): string {
    const [nonceEnd, tagEnd] = [1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES];
    if (sealed[0] !== FORMAT || sealed.length < tagEnd) throw new Error('This is not a sealed text that this version knows.');
    const decipher = createDecipheriv(ALGORITHM, this.key, sealed.subarray(1, nonceEnd), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(belongsTo));
    decipher.setAuthTag(sealed.subarray(nonceEnd, tagEnd));
    return Buffer.concat([decipher.update(sealed.subarray(tagEnd)), decipher.final()]).toString('utf8');
  }
}
