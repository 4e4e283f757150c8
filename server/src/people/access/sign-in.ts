import type { Database } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import { passwordMatches } from './password.js';
import type { PasswordGuesses } from './password-guesses.js';
import { openSession, type SessionProof } from './session.js';
import { type BadLink, redeemSignInLink } from './sign-in-link.js';

export type SignInTry = { email?: string | undefined; password?: string | undefined; link?: string | undefined; address: string };
export type SignedIn = { userId: string; session: SessionProof };

/** Opens a session for whoever knows the password or has a fresh link. An error does not say whether the address or the password was wrong. */
export class SignIn {
  constructor(
    private readonly database: Database,
    private readonly guesses: PasswordGuesses,
  ) {}

  /** Links never have to wait: they can't be guessed, and let in people who are kept waiting because of wrong passwords. */
  async signIn({ email, password, link, address }: SignInTry): Promise<SignedIn> {
    if (link) return this.byLink(link, address);
    const account = email?.trim().toLowerCase();
    if (!account || !password)
      throw new DomainError('bad_input', 'bad_sign_in', 'Give an e-mail address and a password, or a sign-in link.');
    const signedIn = await this.guesses.check({ address, account }, () => this.byPassword(account, password));
    if (!signedIn) throw badPassword();
    return signedIn;
  }

  private async byLink(link: string, address: string): Promise<SignedIn> {
    const signedIn = await this.database.transaction(async (tx) => {
      const redeemed = await redeemSignInLink(tx, link);
      return typeof redeemed === 'string' ? redeemed : { ...redeemed, session: await openSession(tx, redeemed.userId) };
    });
    if (typeof signedIn !== 'string') return signedIn;
    this.guesses.note({ address, account: 'link' }, `link_${signedIn}`);
    throw badLink(signedIn);
  }

  private async byPassword(email: string, password: string): Promise<SignedIn | null> {
    const [user] = await this.database.query<{ id: string; hash: string | null }>(
      'select id, password_hash as hash from users where email = $1',
      [email],
    );
    const matches = await passwordMatches(user?.hash ?? null, password);
    if (!user || !matches) return null;
    return { userId: user.id, session: await this.database.transaction((tx) => openSession(tx, user.id)) };
  }
}

const ANOTHER = 'While Slipway runs, "npm run sign-in-link" in its folder prints a new one';

const badPassword = () =>
  new DomainError(
    'unauthenticated',
    'wrong_credentials',
    `The e-mail address or the password is wrong. Check both; without a password, use a sign-in link. ${ANOTHER}.`,
  );

const WHY: Record<BadLink, string> = {
  used: 'was used already: each works once',
  expired: 'is older than 15 minutes',
  unknown: 'is not known here: it is incomplete or expired long ago',
};

const badLink = (what: BadLink) =>
  new DomainError('unauthenticated', 'bad_link', `This sign-in link ${WHY[what]}. ${ANOTHER}; or sign in with your password.`, {
    link: what,
  });
