import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const SECRET_BYTES = 32;

/** 256 random bits as 43 letters and digits, so that a double click selects all of it. */
export function newSecret(): string {
  let rest = BigInt(`0x${randomBytes(SECRET_BYTES).toString('hex')}`);
  let text = '';
  for (let digits = 43; digits > 0; digits--) {
    text = BASE62[Number(rest % 62n)] + text;
    rest /= 62n;
  }
  return text;
}

/** What is stored of a random secret. Plain SHA-256 is enough for 256 random bits; passwords need argon2. */
export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** Takes equally long wherever they differ. */
export function sameSecret(given: string | undefined, expected: string): boolean {
  return given !== undefined && timingSafeEqual(hashSecret(given), hashSecret(expected));
}
