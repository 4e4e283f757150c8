import { createHmac } from 'node:crypto';
import type { z } from 'zod';

/** What a host's documentation says, as data: the contract suite holds the host's value to it, and fakes of the host are made of it. */
export type HostFixtures = {
  /** Of the repository that everything here is about, in its clone address. */
  path: string;
  /** Clone addresses, and where the API for each is. */
  addresses: { clone: string; api: string }[];
  /** Whether an address that names a part of the root's path means the whole root. */
  completesRoot: boolean;
  webhook: WebhookFixtures;
  /** Messages that the host writes when it merges a pull request, and the number in each. */
  mergeMessages: [message: string, number: number][];
  listed: Listed;
  status: StatusShape;
};

export type WebhookFixtures = {
  /** Headers that say what a call is; without its proof. */
  headers(event: string, delivery: string): Record<string, string>;
  /** Each way in which a call proves itself; the first is the usual one. */
  proofs: Proof[];
  calls: { branchMoved: Call; pullRequest: Call; fromFork: Call; fromGoneFork: Call | null; all: Call[] };
};
export type Call = { event: string; payload: object };

export type Proof = {
  header: string;
  /** Sent beside it. */
  beside?: Record<string, string>;
  of(body: Uint8Array, secret: string): string;
  /** The right proof made in a way that the host does not use; null: there is none. */
  foreign: ((body: Uint8Array, secret: string) => string) | null;
  /** Whether it depends on the body. */
  isSignature: boolean;
};

/** Answers of the API, cut down to one repository with 50 pull requests of its own and one of a fork. */
export type Listed = {
  /** By address. */
  pages(sha: string): [string, unknown][];
  /** When the last one was merged. */
  afterMerge(sha: string): [string, unknown][];
  /** Of a pull request at the host. */
  page(number: number): string;
  /** When those that are open were changed; null: lists don't say. */
  changedAt: Date | null;
  /** Of the fork. */
  sourceUrl: string | null;
};

/** A status as the API takes it, and nothing else: a field that it does not document fails, too. */
export type StatusShape = {
  /** Of the address of a status; its first group is the commit. */
  path: RegExp;
  body: z.ZodType<{ state: string; description: string }>;
  authorization: RegExp;
  /** Which of the states are last ones. */
  final: readonly string[];
  keyOf(body: Record<string, unknown>): string;
};

export const hexHmac = (body: string | Uint8Array, secret: string, algorithm = 'sha256'): string =>
  createHmac(algorithm, secret).update(body).digest('hex');

export const HASH = '([0-9a-f]{40})';
export const OPENED_AT = '2026-01-01T10:00:00Z';
export const MERGED_AT = '2026-01-01T11:00:00Z';
/** Of the fifty. */
export const NUMBERS = Array.from({ length: 50 }, (_, n) => n + 1);
/** Where a host says what the page is. */
export const pageOf = (number: number): string => `https://host.test/pulls/${number}`;
