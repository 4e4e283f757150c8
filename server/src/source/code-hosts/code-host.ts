import type { RepositoryUrl } from '../repositories/repository-url.js';
import type { ApiCredential } from './host-api.js';
import type { HostNews } from './host-news.js';
import type { PullRequestFacts } from './pull-request-facts.js';
import type { Asked, AskHost, HostAnswer, HostRequest } from './requests.js';
import type { Headers, Verdict } from './signature.js';
import type { Status } from './status.js';

/**
 * Everything that Slipway knows about one kind of code host. It has no state: each function may be called at any time, any number of times, by
 * several callers at once and in the thread that reads large payloads. Only `pullRequests.page` and `pullRequests.one` do I/O, and only through
 * the `ask` that they are given; the caller is responsible for time limits, retries and which addresses may be reached.
 *
 * A `path` names a repository. It is the path of the clone address, without slashes at its ends and without `.git`.
 */
export interface CodeHost {
  /** The name for people, as in "In …, enter the secret". */
  readonly name: string;
  readonly address: HostAddress;
  readonly signIn: HostSignIn;
  readonly webhook: HostWebhook;
  readonly pullRequests: HostPullRequests;
  readonly statuses: HostStatuses;
}

export interface HostAddress {
  /**
   * Host names of public services in lower case, each with the root of its API if the API has a host name of its own. A name that begins with a
   * dot stands for all of its subdomains.
   */
  readonly services: Readonly<Record<string, string | null>>;
  /** If a label of a host name begins with one of these words, the host probably runs this software, e.g. gitlab.example. */
  readonly hints: readonly string[];
  /** Why this can't be the address of a repository at such a host, and what an address looks like; null: it can be one. */
  problemWith?(url: RepositoryUrl): string | null;
  /** The usual root of the API for a repository, whatever the name of its host. Without a slash at the end. */
  usualApi(url: RepositoryUrl): string;
  /**
   * Completes an address that people gave to the root of the API: the address may contain none, a part or all of the root's path. A root stays
   * as it is.
   * @param apiUrl without a slash at the end
   */
  apiRoot(apiUrl: string): string;
}

export interface HostSignIn {
  /** The user name to send with a token for Git over HTTP. */
  readonly tokenUser: string;
  /** The value of the `Authorization` header for the API. */
  authorization(credential: ApiCredential): string;
}

/**
 * How the host's webhook calls are read, in this order: `isFrom` looks at the headers alone; `verify` comes before anything of the call is stored or
 * read; then `event` and `deliveryId`; last `news`, at once and again whenever the stored delivery is handled. What is stored has no headers except
 * those in `shownHeaders`, the content type and the user agent.
 */
export interface HostWebhook {
  /** Headers that say who sent a call and what it is about. They are stored and shown to people, so never list one that proves anything. Lower case. */
  readonly shownHeaders: readonly string[];
  /** Where to enter the secret at the host; completes "enter the webhook secret in …". */
  readonly secretField: string;
  /**
   * Whether a call with these headers comes from such a host. At most one host may claim a call. Security does not depend on this guess: it only
   * decides how the call has to prove itself. null: the host sends no header of its own; a call that no other host claims counts as its call if
   * the repository's connection names this host.
   */
  readonly isFrom: ((headers: Headers) => boolean) | null;
  /** How a call proves itself, for messages: `signature` is a signature of the body or a token, `password` is HTTP Basic (RFC 7617). */
  readonly proof: 'signature' | 'password';
  /** Checks the proof. Never throws. Takes the same time for all wrong proofs of the same length. */
  verify(secret: string, headers: Headers, body: Uint8Array): Verdict;
  /** What happened, in the host's own word; null: the call does not say. */
  event(headers: Headers, body: Uint8Array): string | null;
  /** The host's id of the delivery, which is the same when the host repeats it; null: there is no unique id, so the bytes of the body are used instead. */
  deliveryId(headers: Headers): string | null;
  /**
   * What the call means. The payload may contain anything, so texts are shortened and names of refs are checked (shapes.ts).
   * @throws ZodError when the payload is not as the host documents it
   */
  news(event: string, payload: unknown): HostNews;
}

/**
 * Pull requests, whatever the host calls them. `first` says where a list begins; `page` reads one page and says where the next one is, until that is
 * null. Webhooks and lists must give the same facts about the same pull request, and only `forkOf` decides whether it comes from a fork.
 */
export interface HostPullRequests {
  /** The ref under which the repository shows the head, also of a fork; null: there is no such ref, so the source branch is fetched. */
  headRef(number: number): string | null;
  /** Patterns for messages of commits that the host makes when it merges a pull request; the first group is its number. They must match in linear time. */
  readonly mergeMessages: { readonly subject: readonly RegExp[]; readonly body: readonly RegExp[] };
  /** The path, below the root of the API, of the first page of open pull requests. */
  first(path: string): string;
  /** Reads the page at `at`. @throws ZodError when the answer is not as the host documents it; HostSilent and HostRefused as `ask` does */
  page(ask: AskHost, path: string, at: string, asked: Asked): Promise<Page>;
  /** Reads one pull request, in any state. @throws as `page` */
  one(ask: AskHost, path: string, number: number): Promise<ListedFacts>;
}

/** `updatedAt` is null if lists don't say when a pull request was changed; then the facts count as of the moment of the request. */
export type ListedFacts = Omit<PullRequestFacts, 'updatedAt'> & { updatedAt: Date | null };

/**
 * `next` is the path of the next page, or null after the last one. It is never an address that the host gave: the credential would be sent wherever
 * that points.
 */
export type Page = { facts: ListedFacts[]; next: string | null };

export interface HostStatuses {
  /** The request that tells the host a status. Sending it twice must show the same as sending it once; the newest state is sent last. */
  request(path: string, status: Status): HostRequest;
  /** Whether the answer means that the host now has the status. */
  isTold(answer: HostAnswer): boolean;
}
