import { createHmac, timingSafeEqual } from 'node:crypto';

/** The MAC of subject, attempt and running number: HMAC-SHA-256, base64url. It ties a message to the attempt whose key the sender was given. */
export function macOf(key: Uint8Array, subject: string, attemptNumber: number, n: number): string {
  return createHmac('sha256', key).update(`${subject}\n${attemptNumber}\n${n}`).digest('base64url');
}

/** Compares in constant time. */
export function macMatches(given: string, key: Uint8Array, subject: string, attemptNumber: number, n: number): boolean {
  const expected = Buffer.from(macOf(key, subject, attemptNumber, n));
  const actual = Buffer.from(given);
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}
