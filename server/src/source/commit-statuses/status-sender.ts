import type { Logger } from 'pino';
import { Tries } from '../../platform/dead-letters.js';
import { Rounds } from '../../platform/rounds.js';
import { callHost, type HostFetch, HostSilent } from '../code-hosts/call-host.js';
import { CODE_HOSTS } from '../code-hosts/code-hosts.js';
import type { HostApi } from '../code-hosts/host-api.js';
import { scrub } from '../mirrors/credential.js';
import type { Mirrors } from '../mirrors/ports.js';
import { readAnswer, type Verdict } from './read-answer.js';
import type { ClaimedStatus, DueStatus, StatusRows } from './status-rows.js';

/** Only recovers what another server left; commits and deadlines wake it in time. */
const SWEEP_MS = 30_000;
const LEAST_MS = 20;
const MOST_PER_HOST = 4;
const RETRY_FIRST_MS = 2_000;
const RETRY_MOST_MS = 10 * 60_000;
/** For problems that only a person can fix. */
const REFUSED_MS = 60 * 60_000;

export type StatusSenderDeps = {
  rows: StatusRows;
  mirrors: Pick<Mirrors, 'hostApi'>;
  fetch: HostFetch;
  /** As people reach this server, without a slash at the end. */
  publicUrl: string;
  log: Pick<Logger, 'warn' | 'error'>;
  /** 0 to below 1; for jitter. */
  random(): number;
  now(): number;
};

/**
 * Reports commit statuses to code hosts: the newest state of each context, one request at a time for each. What fails is sent again at growing
 * intervals, always in its newest state.
 */
export class StatusSender {
  private readonly sending = new Map<string, Promise<void>>();
  private readonly perHost = new Map<string, number>();
  private readonly pausedUntil = new Map<string, number>();
  private readonly rounds = new Rounds(() => this.tellDue());
  private readonly tries = new Tries();

  constructor(private readonly deps: StatusSenderDeps) {}

  start(): void {
    this.wake();
  }

  /** After a commit that left something to tell. */
  wake(): void {
    this.rounds.wake();
  }

  /** A repository's credential or address has changed: what was refused is told again. */
  async connectionChanged(repositoryId: string): Promise<void> {
    await this.deps.rows.tryAgain(repositoryId);
    this.wake();
  }

  /** Waits for what is on its way. */
  async stop(): Promise<void> {
    await this.rounds.stop();
    await Promise.all(this.sending.values());
  }

  private async tellDue(): Promise<number> {
    try {
      for (const status of await this.deps.rows.due(this.busyHosts())) this.begin(status);
      const dueMs = Math.min(SWEEP_MS, (await this.deps.rows.nextDueMs()) ?? SWEEP_MS);
      // Those of a host that has enough for now are due, too: the end of a request or of the pause wakes.
      return Math.max(dueMs, this.busyHosts().length > 0 ? RETRY_FIRST_MS : LEAST_MS);
    } catch (error) {
      this.deps.log.warn({ err: error }, 'Commit statuses could not be read; trying again.');
      return RETRY_FIRST_MS;
    }
  }

  private busyHosts(): string[] {
    for (const [host, until] of this.pausedUntil) if (until <= this.deps.now()) this.pausedUntil.delete(host);
    const full = [...this.perHost].filter(([, count]) => count >= MOST_PER_HOST).map(([host]) => host);
    return [...full, ...this.pausedUntil.keys()];
  }

  private begin({ id, repositoryId, apiUrl }: DueStatus): void {
    const count = this.perHost.get(apiUrl) ?? 0;
    if (count >= MOST_PER_HOST || this.sending.has(id) || this.rounds.stopped) return;
    this.perHost.set(apiUrl, count + 1);
    const sent = this.send(id, repositoryId, apiUrl)
      .then(() => this.tries.done(id))
      .catch((error) => this.broke(id, repositoryId, error))
      .catch((error) =>
        this.deps.log.warn({ err: error, repository: repositoryId }, 'A commit status could not be set aside; sending it again.'),
      )
      .finally(() => {
        this.sending.delete(id);
        this.perHost.set(apiUrl, (this.perHost.get(apiUrl) ?? 1) - 1);
        this.wake();
      });
    this.sending.set(id, sent);
  }

  private async send(id: string, repositoryId: string, apiUrl: string): Promise<void> {
    const claimed = await this.deps.rows.claim(id);
    if (!claimed) return;
    const verdict = await this.tell(claimed);
    if (verdict.told) return this.deps.rows.told(claimed);
    if (verdict.waitMs !== null) this.pausedUntil.set(apiUrl, this.deps.now() + verdict.waitMs);
    const retryMs = this.retryMs(verdict, claimed.tries);
    this.deps.log.warn(
      { repository: repositoryId, context: claimed.context, retryMs },
      `The code host did not accept a commit status. ${verdict.message}`,
    );
    await this.deps.rows.failed(claimed, verdict, retryMs);
  }

  /** Not refused by its host: it could not be told or noted here. */
  private async broke(id: string, repositoryId: string, error: unknown): Promise<void> {
    const { isOver, tries } = this.tries.failed(id, error);
    const facts = { err: error, repository: repositoryId, tries };
    if (!isOver) return this.deps.log.warn(facts, 'A commit status could not be sent or recorded; sending it again.');
    this.deps.log.error(facts, "A commit status can't be sent and was set aside.");
    await this.deps.rows.setAside(id, repositoryId, error, tries);
  }

  private async tell(status: ClaimedStatus): Promise<Verdict> {
    const api = await this.deps.mirrors.hostApi(status.repositoryId);
    if (!api) return NO_CREDENTIAL;
    try {
      const { statuses } = CODE_HOSTS[api.host];
      const answer = await callHost(this.deps.fetch, api, statuses.request(api.path, { ...status, url: this.pageOf(status) }));
      return readAnswer(statuses, { ...answer, text: scrub(answer.text, secretsIn(api)) });
    } catch (error) {
      if (error instanceof HostSilent) return { told: false, lasting: false, waitMs: null, message: error.message, isUnsure: true };
      throw error;
    }
  }

  private pageOf({ project, repository, runNumber }: ClaimedStatus): string {
    const page = `${this.deps.publicUrl}/projects/${project}`;
    return runNumber === null ? page : `${page}/${repository}/runs/${runNumber}`;
  }

  private retryMs({ lasting, waitMs }: Extract<Verdict, { told: false }>, tries: number): number {
    const patience = lasting ? REFUSED_MS : Math.min(RETRY_FIRST_MS * 2 ** (tries - 1), RETRY_MOST_MS);
    return Math.max(patience * (0.75 + this.deps.random() / 2), waitMs ?? 0);
  }
}

const NO_CREDENTIAL: Verdict = {
  told: false,
  lasting: true,
  waitMs: null,
  message: 'No token for the host is stored with this repository. Add one to its connection.',
  isUnsure: false,
};

/** If a host repeats what it was sent, it must be neither stored nor logged. */
const secretsIn = ({ credential }: HostApi): string[] =>
  credential.kind === 'token' ? [credential.token] : [credential.password, `${credential.username}:${credential.password}`];
