import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { type ControlMessage, encodeLogChunk, LOG_HEADERS, type LogChunk, type LogMark, macOf, streams, subjects } from '@slipway/protocol';
import { expect } from 'vitest';
import { FolderBlobStore } from '../../../platform/blob-store.js';
import { Changes } from '../../../platform/changes.js';
import { newId } from '../../../platform/ids.js';
import { Nats } from '../../../platform/nats/nats.js';
import { anAgent, aRepository } from '../../../testing/builders.js';
import { type TestDatabase, testDatabase } from '../../../testing/database.js';
import { silent } from '../../../testing/graphql.js';
import { type TestNats, testNats } from '../../../testing/nats.js';
import { JetStreamLogSource, logsStream } from '../log-stream.js';
import { Logs } from '../logs.js';
import type { LogView } from '../read-log.js';

/** The agent's own code, so that both ends are proved together; taken as a file, as the two know nothing of each other. */
export type AgentLog = {
  write(bytes: Uint8Array): void | Promise<void>;
  mark(mark: Omit<LogMark, 'line'>): number;
  end(): Promise<{ lastChunk: number; lines: number }>;
  resend(from: number): void;
  sealed(through: number): void;
  readonly done: Promise<void>;
  close(): Promise<void>;
};
const AGENT_SOURCE = pathToFileURL(join(import.meta.dirname, '../../../../../agents/src/logs/attempt-log.ts')).href;
const { openAttemptLog } = (await import(AGENT_SOURCE)) as { openAttemptLog(options: object): Promise<AgentLog> };

const KEY = Buffer.from('key of the attempt');

/** What happens to a publish. */
export type Loss = 'nothing' | 'message' | 'acknowledgement';
export type Server = { logs: Logs; close(): Promise<void> };
export type Attempt = { jobId: string; attemptId: string; number: number };

/** A real Postgres, a real nats-server, servers and agents as many as wanted, and time to break them. */
export class LogWorld {
  private readonly servers = new Set<Changes>();
  private closing: (() => Promise<void>)[] = [];

  private constructor(
    readonly database: TestDatabase,
    readonly nats: TestNats,
    private readonly folder: string,
    readonly blobs: FolderBlobStore,
    readonly agentId: string,
    private readonly place: { projectId: string; repositoryId: string },
  ) {}

  static async create(): Promise<LogWorld> {
    const [database, nats] = await Promise.all([testDatabase(), testNats()]);
    const folder = await mkdtemp(join(tmpdir(), 'logs-'));
    const place = await aRepository(database);
    return new LogWorld(database, nats, folder, new FolderBlobStore(join(folder, 'blobs')), await anAgent(database), place);
  }

  /** Ends the servers and agents of one test. */
  async settle(): Promise<void> {
    for (const close of this.closing.reverse()) await close();
    this.closing = [];
  }

  async close(): Promise<void> {
    await Promise.all([this.database.close(), this.nats.close(), rm(this.folder, { recursive: true })]);
  }

  /** What the relay tells every server after a commit. */
  tellChanged(key: string): void {
    for (const changes of this.servers) changes.emit(key);
  }

  async startServer(): Promise<Server> {
    const { nats, database, blobs } = this;
    const connection = await Nats.connect({
      url: nats.url,
      authenticator: nats.authenticator,
      streams: [logsStream(2 ** 28)],
      log: silent,
    });
    const changes = new Changes();
    const source = new JetStreamLogSource(connection, silent);
    const tell = (agent: string, message: ControlMessage) => connection.publish(subjects.control(agent), message);
    const logs = new Logs({ database, source, blobs, changes, tell, log: silent, lostGraceMs: 300 });
    logs.start();
    this.servers.add(changes);
    const close = async () => {
      if (!this.servers.delete(changes)) return;
      await logs.close();
      await connection.close();
    };
    this.closing.push(close);
    return { logs, close };
  }

  /** A running attempt, whose log is not open yet. */
  async anAttempt(): Promise<Attempt> {
    const [runId, jobId, attemptId] = [newId(), newId(), newId()];
    await this.database.query(
      `with run as (insert into runs (id, project_id, repository_id, number, branch, commit_sha, trigger, state)
         select $1, $2, $3, coalesce(max(number), 0) + 1, 'main', 'c0ffee', 'manual', 'running' from runs returning id)
       insert into jobs (id, run_id, project_id, position, name, kind, spec, state, timeout_ms)
       select $4, $1, $2, 0, 'build', 'build', '{}', 'running', 60000 from run`,
      [runId, this.place.projectId, this.place.repositoryId, jobId],
    );
    const [row] = await this.database.query<{ number: string }>(
      `insert into attempts (id, job_id, agent_id, state, key, token_hash, lease_until)
       values ($1, $2, $3, 'running', $4, '', now() + interval '1 hour') returning number`,
      [attemptId, jobId, this.agentId, KEY],
    );
    return { jobId, attemptId, number: Number(row?.number) };
  }

  openLog(server: Server, { attemptId }: Attempt): Promise<void> {
    return this.database.transaction((tx) => server.logs.openLog(tx, attemptId, this.agentId));
  }

  /** An agent with that attempt; `lose` is asked for each publish. */
  async startAgent(attempt: Attempt, lose: () => Loss = () => 'nothing'): Promise<AgentLog> {
    const connection = await this.nats.connect({ maxReconnectAttempts: -1, reconnectTimeWait: 100 });
    const stream = jetstream(connection);
    const publish = async (subject: string, body: Uint8Array, plain: Record<string, string>) => {
      const fate = lose();
      if (fate === 'message') throw new Error('lost');
      await stream.publish(subject, body, { headers: asHeaders(plain), timeout: 1_000 });
      if (fate === 'acknowledgement') throw new Error('acknowledgement lost');
    };
    const { attemptId, number } = attempt;
    const limits = { maxLineBytes: 64 * 1024, maxBytes: 2 ** 30 };
    const spoolDir = join(this.folder, 'spool');
    const log = await openAttemptLog({
      attempt: attemptId,
      number,
      key: KEY,
      agentId: this.agentId,
      secrets: [],
      limits,
      spoolDir,
      publish,
    });
    connection.subscribe(subjects.control(this.agentId), {
      callback: (_error, message) => {
        const control = message.json<ControlMessage>();
        if (control.kind === 'resend' && control.attempt === attemptId) log.resend(control.from);
        if (control.kind === 'sealed' && control.attempt === attemptId) log.sealed(control.through);
      },
    });
    this.closing.push(() => log.close());
    return log;
  }

  /** A server, an attempt with its log open, and the agent that has it. */
  async begin(lose?: () => Loss): Promise<{ server: Server; attempt: Attempt; log: AgentLog }> {
    const server = await this.startServer();
    const attempt = await this.anAttempt();
    await this.openLog(server, attempt);
    return { server, attempt, log: await this.startAgent(attempt, lose) };
  }

  async finish(log: AgentLog, { attemptId }: Attempt): Promise<void> {
    const { lastChunk } = await log.end();
    const ended = `update attempts set state = 'ended', last_chunk = $2, ended_at = clock_timestamp() where id = $1`;
    await this.database.query(ended, [attemptId, lastChunk]);
    this.tellChanged(`log.${attemptId}`);
  }

  async sealed({ attemptId }: Attempt): Promise<void> {
    for (;;) {
      const [row] = await this.database.query<{ complete: boolean }>('select complete from logs where attempt_id = $1', [attemptId]);
      if (row?.complete) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** A message as an agent, or whoever has got its credentials, could send it. */
  async publish(
    attempt: Attempt,
    chunk: Partial<LogChunk>,
    over: { key?: Buffer; number?: number; n?: number; body?: Uint8Array } = {},
  ): Promise<void> {
    const whole: LogChunk = { ...EMPTY_CHUNK, ...chunk };
    const subject = subjects.logs(this.agentId, attempt.attemptId);
    const [number, n] = [over.number ?? attempt.number, over.n ?? whole.n];
    const plain = {
      [LOG_HEADERS.attempt]: String(number),
      [LOG_HEADERS.n]: String(n),
      [LOG_HEADERS.mac]: macOf(over.key ?? KEY, subject, number, n),
    };
    const connection: NatsConnection = await this.nats.connect();
    await jetstream(connection).publish(subject, over.body ?? encodeLogChunk(whole), { headers: asHeaders(plain) });
  }

  /** Kills NATS and brings it back without the stream. */
  async wipeNats(): Promise<void> {
    const manager = await jetstreamManager(await this.nats.connect());
    while (!(await manager.streams.delete(streams.logs).catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 20));
    await this.nats.kill();
    await this.nats.start();
  }
}

const EMPTY_CHUNK: LogChunk = {
  n: 0,
  firstLine: 0,
  startsInsideLine: false,
  endsInsideLine: false,
  last: false,
  times: [1],
  text: '',
  marks: [],
};

function asHeaders(plain: Record<string, string>) {
  const message = headers();
  for (const [name, value] of Object.entries(plain)) message.set(name, value);
  return message;
}

export const numbered = (count: number, width = 60) => Array.from({ length: count }, (_, i) => `${i} ${'ä'.repeat(i % width)}`);

export async function print(log: AgentLog, lines: string[]): Promise<void> {
  for (const line of lines) await log.write(Buffer.from(`${line}\n`));
}

export async function readAll({ logs }: Server, { jobId }: Attempt): Promise<string[]> {
  const lines: string[] = [];
  for (;;) {
    const view = await logs.read(jobId, null, lines.length, 5_000);
    lines.push(...linesOf(view));
    if (view.complete || view.lineCount === 0) return lines;
  }
}

export function linesOf(view: LogView): string[] {
  if (view.lineCount === 0) return [];
  const lines = view.text.split('\n');
  expect(lines).toHaveLength(view.lineCount);
  expect(view.times).toHaveLength(view.lineCount);
  return lines;
}

/** What a viewer puts together; checks that each batch goes on where the one before ended. */
export async function collect(views: AsyncIterable<LogView>): Promise<string[]> {
  const lines: string[] = [];
  let first: number | null = null;
  let complete = false;
  for await (const view of views) {
    complete = view.complete;
    if (view.lineCount === 0) continue;
    first ??= view.firstLine;
    const pieces = linesOf(view);
    expect(view.firstLine).toBe(first + lines.length - (view.startsInsideLine ? 1 : 0));
    if (view.startsInsideLine) lines.push(`${lines.pop()}${pieces.shift()}`);
    lines.push(...pieces);
  }
  expect(complete).toBe(true);
  return lines;
}
