import type { RepositoryUrl } from '../repositories/repository-url.js';
import type { ApiCredential } from './host-api.js';
import type { HostNews } from './host-news.js';
import type { PullRequestFacts } from './pull-request-facts.js';
import type { Asked, AskHost, HostAnswer, HostRequest } from './requests.js';
import type { Headers, Verdict } from './signature.js';
import type { Status } from './status.js';

/**
 * All that Slipway knows of one kind of code host. A value without state: each function may be called at any time, any number of times, by
 * several callers at once and in the thread that reads large payloads. Only `pullRequests.page` and `one` do I/O, and only through the `ask` that
 * they are given; whoever calls the host owns time limits, retries and the addresses that may be reached.
 *
 * Repositories are named by their `path`: that of the clone address, without slashes at its ends and without `.git`.
 */
export interface CodeHost {
  /** For people, as in "In …, enter the secret". */
  readonly name: string;
  readonly address: HostAddress;
  readonly signIn: HostSignIn;
  readonly webhook: HostWebhook;
  readonly pullRequests: HostPullRequests;
  readonly statuses: HostStatuses;
}

export interface HostAddress {
  /** Public services by name in lower case, with the root of their API if that has a name of its own. A name that begins with a dot stands for all below it. */
  readonly services: Readonly<Record<string, string | null>>;
  /** A host one of whose labels begins with such a word probably runs this software, e.g. gitlab.example. */
  readonly hints: readonly string[];
  /** Why this can't be the address of a repository at such a host, and how one looks; null: it can be. */
  problemWith?(url: RepositoryUrl): string | null;
  /** Root of the API for a repository at a host of any name. Without a slash at the end. */
  usualApi(url: RepositoryUrl): string;
  /**
   * The root of the API from an address that people gave, which may name none, some or all of the root's path. Maps a root to itself.
   * @param apiUrl without a slash at the end
   */
  apiRoot(apiUrl: string): string;
}

export interface HostSignIn {
  /** The user name for Git over http that goes with a token. */
  readonly tokenUser: string;
  /** Value of the header `Authorization` for the API. */
  authorization(credential: ApiCredential): string;
}

/**
 * How the host calls. The order: `isFrom`, of the headers alone; `verify`, before anything of the call is stored or read; `event` and `deliveryId`;
 * then `news`, at once and again whenever the stored delivery is handled, with no headers but those that `shownHeaders` names, the content type and the user agent.
 */
export interface HostWebhook {
  /** Headers that say who sent a call and what it is: they are stored and shown to people. Lower case; never one that proves anything. */
  readonly shownHeaders: readonly string[];
  /** Where the secret is entered at the host, to complete "enter the webhook secret in …". */
  readonly secretField: string;
  /**
   * Whether these headers are of such a host. No call is of two hosts. A guess that nothing rests on: it decides how the call has to prove itself.
   * null: the host sends no header of its own, and what no other host claims is taken for its where the repository is said to be there.
   */
  readonly isFrom: ((headers: Headers) => boolean) | null;
  /** What a call proves itself by, for messages: a signature of its bytes or a token, or a password (RFC 7617). */
  readonly proof: 'signature' | 'password';
  /** Never throws. Takes the same time for every wrong proof of the same length. */
  verify(secret: string, headers: Headers, body: Uint8Array): Verdict;
  /** What happened, in the host's word; null: the call does not say. */
  event(headers: Headers, body: Uint8Array): string | null;
  /** The host's own id of the delivery, the same in each repetition; null: it gives none that is unique, and the body's bytes stand for it. */
  deliveryId(headers: Headers): string | null;
  /**
   * What it means. Texts are cut and names of refs checked (shapes.ts): the payload may hold anything.
   * @throws ZodError when the payload is not as the host documents it
   */
  news(event: string, payload: unknown): HostNews;
}

/**
 * Pull requests, which the host may call otherwise. `first` begins a listing, `page` reads each answer and says where it goes on, until it says null.
 * News and lists must agree: the same pull request has the same facts in both, and whether it comes from a fork is for `forkOf` alone to say.
 */
export interface HostPullRequests {
  /** Ref of the repository under which the host shows a head, one from a fork too; null: it shows none, and the source branch is fetched. */
  headRef(number: number): string | null;
  /** Patterns for the message of a commit that the host made when it merged one; the first group is the number. Each in linear time. */
  readonly mergeMessages: { readonly subject: readonly RegExp[]; readonly body: readonly RegExp[] };
  /** Path below the root of the API for the first page of those that are open. */
  first(path: string): string;
  /** @throws ZodError when the answer is not as the host documents it, HostSilent and HostRefused as `ask` does */
  page(ask: AskHost, path: string, at: string, asked: Asked): Promise<Page>;
  /** Whatever its state. @throws as `page` */
  one(ask: AskHost, path: string, number: number): Promise<ListedFacts>;
}

/** `updatedAt` is null if lists don't say when a pull request was changed: what they say is true of the moment at which they are asked. */
export type ListedFacts = Omit<PullRequestFacts, 'updatedAt'> & { updatedAt: Date | null };

/** `next`: path of the next page, never an address that the host gave, as that would take the credential where it points; null: it was the last. */
export type Page = { facts: ListedFacts[]; next: string | null };

export interface HostStatuses {
  /** How the host is told. Telling it the same twice must show the same as once; the newest state comes last. */
  request(path: string, status: Status): HostRequest;
  /** Whether the answer means that the host has the state now. */
  isTold(answer: HostAnswer): boolean;
}
