import { hash, verify } from '@node-rs/argon2';
import { DomainError } from '../../platform/errors.js';

const SHORTEST = 10;
const LONGEST = 200;
/** argon2id with the parameters that OWASP's password storage sheet recommends: 19 MiB, 2 passes, 1 lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hashed if nobody has the given e-mail address, so that the response time does not reveal who has an account. */
let decoy: Promise<string> | undefined;

export function hashPassword(password: string): Promise<string> {
  if (password.length < SHORTEST || password.length > LONGEST) {
    throw new DomainError(
      'bad_input',
      'bad_password',
      `A password has ${SHORTEST} to ${LONGEST} characters. A few words that you can remember work well.`,
    );
  }
  return hash(password, COST);
}

/** @param stored null: no such user or no password; answers false after the same time. */
export async function passwordMatches(stored: string | null, password: string): Promise<boolean> {
  if (password.length > LONGEST) return false;
  decoy ??= hash('nobody has this password', COST);
  const matches = await verify(stored ?? (await decoy), password);
  return stored !== null && matches;
}
