import type { Database } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import { FailureLimit } from './failure-limit.js';
import { passwordMatches } from './password.js';
import { openSession } from './session.js';
import { redeemSignInLink } from './sign-in-link.js';

const WINDOW_MS = 15 * 60 * 1_000;
const MOST_BY_EMAIL = 10;
/** Several people may share an address. */
const MOST_BY_ADDRESS = 50;

export type SignInTry = { email?: string | undefined; password?: string | undefined; link?: string | undefined; address: string };
export type SignedIn = { userId: string; sessionSecret: string };

/** Opens a session for who knows the password or has a fresh link. What was wrong is not told, and failures are counted by e-mail and by address. */
export class SignIn {
  private readonly byEmail: FailureLimit;
  private readonly byAddress: FailureLimit;

  constructor(
    private readonly database: Database,
    now: () => number = Date.now,
  ) {
    this.byEmail = new FailureLimit(MOST_BY_EMAIL, WINDOW_MS, now);
    this.byAddress = new FailureLimit(MOST_BY_ADDRESS, WINDOW_MS, now);
  }

  async signIn(attempt: SignInTry): Promise<SignedIn> {
    const email = attempt.email?.trim().toLowerCase();
    refuseWhileWaiting(Math.max(this.byAddress.waitMs(attempt.address), email ? this.byEmail.waitMs(email) : 0));
    // Counted before it is known, or any number of tries at once would be looked at.
    this.byAddress.failed(attempt.address);
    if (email) this.byEmail.failed(email);
    const trying = attempt.link ? this.byLink(attempt.link) : this.byPassword(email, attempt.password);
    const signedIn = await trying.catch((error: unknown) => {
      this.byAddress.takeBack(attempt.address);
      if (email) this.byEmail.takeBack(email);
      throw error;
    });
    if (!signedIn) throw attempt.link ? badLink() : badPassword();
    this.byAddress.takeBack(attempt.address);
    if (email) this.byEmail.succeeded(email);
    return signedIn;
  }

  private byLink(link: string): Promise<SignedIn | null> {
    return this.database.transaction(async (tx) => {
      const userId = await redeemSignInLink(tx, link);
      return userId ? { userId, sessionSecret: await openSession(tx, userId) } : null;
    });
  }

  private async byPassword(email: string | undefined, password: string | undefined): Promise<SignedIn | null> {
    if (!email || !password) throw new DomainError('bad_input', 'bad_sign_in', 'Give an e-mail address and a password, or a sign-in link.');
    const [user] = await this.database.query<{ id: string; hash: string | null }>(
      'select id, password_hash as hash from users where email = $1',
      [email],
    );
    const matches = await passwordMatches(user?.hash ?? null, password);
    if (!user || !matches) return null;
    return { userId: user.id, sessionSecret: await this.database.transaction((tx) => openSession(tx, user.id)) };
  }
}

function refuseWhileWaiting(waitMs: number): void {
  if (waitMs === 0) return;
  const minutes = Math.ceil(waitMs / 60_000);
  throw new DomainError(
    'forbidden',
    'too_many_failures',
    `Too many failed sign-ins. Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`,
    { waitMs },
  );
}

const badPassword = () =>
  new DomainError(
    'unauthenticated',
    'wrong_credentials',
    'The e-mail address or the password is wrong. Check both; without a password, use the sign-in link that the server prints at its start.',
  );

const badLink = () =>
  new DomainError(
    'unauthenticated',
    'bad_link',
    'This sign-in link was used already, or is older than 15 minutes. Start Slipway again for a new one, or sign in with your password.',
  );
