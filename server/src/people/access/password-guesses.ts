import { shorten } from '@slipway/protocol';
import { DomainError } from '../../platform/errors.js';
import { networkOf } from '../../platform/http/client-address.js';
import type { Logger } from '../../platform/log.js';
import { FailureLimit } from './failure-limit.js';

const MINUTE_MS = 60_000;
const LONGEST_NAME = 100;
/** Longer than any e-mail address (RFC 5321, 4.5.3.1), because what is counted is stored. */
const LONGEST_ACCOUNT = 320;

export type Guess = { /** Network address of who guesses. */ address: string /** Whose password it is. */; account: string };

/**
 * Limits guesses of passwords and logs wrong ones. Counted are address and account together, so that a stranger's guesses never lock the right
 * person out, and the address over all accounts, so that nobody tries one password on everybody.
 */
export class PasswordGuesses {
  private readonly byPair: FailureLimit;
  /** Several people may share an address. */
  private readonly byAddress: FailureLimit;

  constructor(
    private readonly log: Pick<Logger, 'warn'>,
    now: () => number = Date.now,
  ) {
    this.byPair = new FailureLimit({ free: 5, firstWaitMs: 2_000, longestWaitMs: 15 * MINUTE_MS, forgetMs: 24 * 60 * MINUTE_MS }, now);
    this.byAddress = new FailureLimit({ free: 50, firstWaitMs: 2_000, longestWaitMs: 15 * MINUTE_MS, forgetMs: 60 * MINUTE_MS }, now);
  }

  /**
   * @param check whether it is right; what it throws says nothing about the guess
   * @throws DomainError while it is too early to guess again
   */
  async check<T>(guess: Guess, check: () => Promise<T | null>): Promise<T | null> {
    const network = networkOf(guess.address);
    const pair = `${network} ${shorten(guess.account, LONGEST_ACCOUNT)}`;
    const waitMs = Math.max(this.byPair.waitMs(pair), this.byAddress.waitMs(network));
    if (waitMs > 0) {
      this.note(guess, 'too_many_failures');
      throw tooMany(waitMs);
    }
    // Counted before the result is known; otherwise any number of simultaneous guesses would be checked.
    this.byPair.failed(pair);
    this.byAddress.failed(network);
    const takeBack = () => {
      this.byPair.takeBack(pair);
      this.byAddress.takeBack(network);
    };
    const right = await check().catch((error: unknown) => {
      takeBack();
      throw error;
    });
    if (right === null) {
      this.note(guess, 'wrong_credentials');
      return null;
    }
    takeBack();
    this.byPair.succeeded(pair);
    return right;
  }

  note({ address, account }: Guess, reason: string): void {
    this.log.warn({ 'client.ip': address, 'user.name': shorten(account, LONGEST_NAME), 'event.reason': reason }, 'a sign-in failed');
  }
}

function tooMany(waitMs: number): DomainError {
  const seconds = Math.ceil(waitMs / 1_000);
  const wait = seconds < 60 ? `${seconds} ${seconds === 1 ? 'second' : 'seconds'}` : `${Math.ceil(seconds / 60)} minutes`;
  return new DomainError(
    'forbidden',
    'too_many_failures',
    `Too many wrong passwords from here. Try again in ${wait}, or sign in with a link: "npm run sign-in-link" prints one on the machine that Slipway runs on.`,
    { waitMs },
  );
}
