import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { type ControlMessage, encodeLogChunk, LOG_HEADERS, type LogChunk, type LogMark, macOf, streams, subjects } from '@slipway/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { FolderBlobStore } from '../../platform/blob-store.js';
import { Changes } from '../../platform/changes.js';
import { newId } from '../../platform/ids.js';
import { Nats } from '../../platform/nats/nats.js';
import { anAgent, aRepository } from '../../testing/builders.js';
import { type TestDatabase, testDatabase } from '../../testing/database.js';
import { silent } from '../../testing/graphql.js';
import { type TestNats, testNats } from '../../testing/nats.js';
import { JetStreamLogSource, logsStream } from './log-stream.js';
import { Logs } from './logs.js';
import type { LogView } from './read-log.js';
import { sweepLogs, sweepOrphanedBlocks } from './sweep-logs.js';

/** The agent's own code, so that both ends are proved together; taken as a file, as the two know nothing of each other. */
type AgentLog = {
  write(bytes: Uint8Array): void | Promise<void>;
  mark(mark: Omit<LogMark, 'line'>): number;
  end(): Promise<{ lastChunk: number; lines: number }>;
  resend(from: number): void;
  sealed(through: number): void;
  readonly done: Promise<void>;
  close(): Promise<void>;
};
type Publish = (subject: string, body: Uint8Array, headers: Record<string, string>) => Promise<void>;
const AGENT_SOURCE = pathToFileURL(join(import.meta.dirname, '../../../../agents/src/logs/attempt-log.ts')).href;
const { openAttemptLog } = (await import(AGENT_SOURCE)) as { openAttemptLog(options: object): Promise<AgentLog> };

const KEY = Buffer.from('key of the attempt');

describe('the way of a log from an agent to its readers', () => {
  let database: TestDatabase;
  let nats: TestNats;
  let folder: string;
  let blobs: FolderBlobStore;
  let agentId: string;
  let place: { projectId: string; repositoryId: string };
  const closing: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    [database, nats] = await Promise.all([testDatabase(), testNats()]);
    folder = await mkdtemp(join(tmpdir(), 'logs-'));
    blobs = new FolderBlobStore(join(folder, 'blobs'));
    place = await aRepository(database);
    agentId = await anAgent(database);
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  afterAll(async () => {
    await Promise.all([database.close(), nats.close(), rm(folder, { recursive: true })]);
  });

  const servers = new Set<Changes>();
  /** What the relay tells every server after a commit. */
  const tellChanged = (key: string) => {
    for (const changes of servers) changes.emit(key);
  };

  const startServer = async () => {
    const connection = await Nats.connect({
      url: nats.url,
      authenticator: nats.authenticator,
      streams: [logsStream(256 * 1024 * 1024)],
      log: silent,
    });
    const changes = new Changes();
    const logs = new Logs({
      database,
      source: new JetStreamLogSource(connection, silent),
      blobs,
      changes,
      tell: (agent, message) => connection.publish(subjects.control(agent), message),
      log: silent,
      lostGraceMs: 300,
    });
    logs.start();
    servers.add(changes);
    let open = true;
    const close = async () => {
      if (!open) return;
      open = false;
      servers.delete(changes);
      await logs.close();
      await connection.close();
    };
    closing.push(close);
    return { logs, close };
  };
  type Server = Awaited<ReturnType<typeof startServer>>;

  const anAttempt = async () => {
    const [runId, jobId, attemptId] = [newId(), newId(), newId()];
    await database.query(
      `with run as (insert into runs (id, project_id, repository_id, number, branch, commit_sha, trigger, state)
         select $1, $2, $3, coalesce(max(number), 0) + 1, 'main', 'c0ffee', 'manual', 'running' from runs returning id)
       insert into jobs (id, run_id, project_id, position, name, kind, spec, state, timeout_ms) select $4, $1, $2, 0, 'build', 'build', '{}', 'running', 60000 from run`,
      [runId, place.projectId, place.repositoryId, jobId],
    );
    const [row] = await database.query<{ number: string }>(
      `insert into attempts (id, job_id, agent_id, state, key, token_hash, lease_until) values ($1, $2, $3, 'running', $4, '', now() + interval '1 hour') returning number`,
      [attemptId, jobId, agentId, KEY],
    );
    return { jobId, attemptId, number: Number(row?.number) };
  };
  type Attempt = Awaited<ReturnType<typeof anAttempt>>;

  const begin = (server: Server, attempt: Attempt) => database.transaction((tx) => server.logs.openLog(tx, attempt.attemptId, agentId));

  /** `lose` says what happens to a publish: kept, lost before the stream, or only its acknowledgement lost. */
  const startAgent = async (attempt: Attempt, lose: () => 'nothing' | 'message' | 'acknowledgement' = () => 'nothing') => {
    const connection = await nats.connect({ maxReconnectAttempts: -1, reconnectTimeWait: 100 });
    const stream = jetstream(connection);
    const publish: Publish = async (subject, body, plain) => {
      const fate = lose();
      if (fate === 'message') throw new Error('lost');
      const message = headers();
      for (const [name, value] of Object.entries(plain)) message.set(name, value);
      await stream.publish(subject, body, { headers: message, timeout: 1_000 });
      if (fate === 'acknowledgement') throw new Error('acknowledgement lost');
    };
    const log = await openAttemptLog({
      ...{ attempt: attempt.attemptId, number: attempt.number, key: KEY, agentId, secrets: [], publish },
      limits: { maxLineBytes: 64 * 1024, maxBytes: 2 ** 30 },
      spoolDir: join(folder, 'spool'),
    });
    connection.subscribe(subjects.control(agentId), {
      callback: (_error, message) => {
        const control = message.json<ControlMessage>();
        if (control.kind === 'resend' && control.attempt === attempt.attemptId) log.resend(control.from);
        if (control.kind === 'sealed' && control.attempt === attempt.attemptId) log.sealed(control.through);
      },
    });
    closing.push(() => log.close());
    return { log, connection };
  };

  const wipeNats = async () => {
    const manager = await jetstreamManager(await nats.connect());
    while (!(await manager.streams.delete(streams.logs).catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 20));
    await nats.kill();
    await nats.start();
  };

  const finish = async (log: AgentLog, { attemptId }: Attempt) => {
    const { lastChunk } = await log.end();
    await database.query(`update attempts set state = 'ended', last_chunk = $2, ended_at = clock_timestamp() where id = $1`, [
      attemptId,
      lastChunk,
    ]);
    tellChanged(`log.${attemptId}`);
  };

  const readAll = async ({ logs }: Server, { jobId }: Attempt): Promise<string[]> => {
    const lines: string[] = [];
    for (;;) {
      const view = await logs.read(jobId, null, lines.length, 5_000);
      lines.push(...linesOf(view));
      if (view.complete || view.lineCount === 0) return lines;
    }
  };

  const waitSealed = async ({ attemptId }: Attempt) => {
    for (;;) {
      const [row] = await database.query<{ complete: boolean }>('select complete from logs where attempt_id = $1', [attemptId]);
      if (row?.complete) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  const numbered = (count: number, width = 60) => Array.from({ length: count }, (_, i) => `${i} ${'ä'.repeat(i % width)}`);
  const print = async (log: AgentLog, lines: string[]) => {
    for (const line of lines) await log.write(Buffer.from(`${line}\n`));
  };

  it('is followed as it is printed, sealed, and read at any place', async () => {
    const server = await startServer();
    const attempt = await anAttempt();
    await begin(server, attempt);
    const { log } = await startAgent(attempt);
    const followed = collect(server.logs.follow(attempt.jobId, null, 0));
    const lines = numbered(40_000);
    await print(log, lines);
    await finish(log, attempt);
    expect(await followed).toEqual(lines);
    await waitSealed(attempt);
    await log.done;
    expect(await readAll(server, attempt)).toEqual(lines);
    const middle = await server.logs.read(attempt.jobId, null, 23_456, 3);
    expect(linesOf(middle)).toEqual(lines.slice(23_456, 23_459));
    expect(middle).toMatchObject({ firstLine: 23_456, totalLines: 40_000, complete: false });
    expect(linesOf(await server.logs.read(attempt.jobId, null, -2, 10))).toEqual(lines.slice(-2));
    expect(await server.logs.read(attempt.jobId, null, 50_000, 10)).toMatchObject({ lineCount: 0, complete: true });
    expect(await text(await server.logs.download(attempt.attemptId))).toBe(lines.join('\n'));
  });

  it('shows a line in pieces while it is printed, and gives its beginning once', async () => {
    const server = await startServer();
    const attempt = await anAttempt();
    await begin(server, attempt);
    const { log } = await startAgent(attempt);
    const views = server.logs.follow(attempt.jobId, null, 0);
    const seen: [number, string, boolean][] = [];
    for (const part of ['wait', 'ing', ' done\nnext\n']) {
      log.write(Buffer.from(part));
      while (seen.map(([, piece]) => piece).join('|').length < 4 || !seen.at(-1)?.[1].includes(part.slice(-4, -1))) {
        const { value } = await views.next();
        if (value.lineCount > 0) seen.push([value.firstLine, value.text, value.startsInsideLine]);
      }
    }
    await views.return?.();
    expect(seen).toEqual([
      [0, 'wait', false],
      [0, 'ing', true],
      [0, ' done\nnext', true],
    ]);
  });

  it('equals what was printed when messages and acknowledgements are lost on the way', async () => {
    const server = await startServer();
    const attempt = await anAttempt();
    await begin(server, attempt);
    let dice = 7;
    const { log } = await startAgent(attempt, () => {
      dice = (dice * 48271) % 2147483647;
      return dice % 11 === 0 ? 'message' : dice % 7 === 0 ? 'acknowledgement' : 'nothing';
    });
    const lines = numbered(20_000);
    await print(log, lines);
    await finish(log, attempt);
    await waitSealed(attempt);
    expect(await readAll(server, attempt)).toEqual(lines);
  });

  it('is sent again by the agent after the store of NATS was wiped in the middle', async () => {
    const server = await startServer();
    const attempt = await anAttempt();
    await begin(server, attempt);
    const { log } = await startAgent(attempt);
    const followed = collect(server.logs.follow(attempt.jobId, null, 0));
    const lines = numbered(30_000);
    await print(log, lines.slice(0, 10_000));
    await wipeNats();
    await print(log, lines.slice(10_000, 20_000));
    await wipeNats();
    await print(log, lines.slice(20_000));
    await finish(log, attempt);
    expect(await followed).toEqual(lines);
    await waitSealed(attempt);
    expect(await readAll(server, attempt)).toEqual(lines);
  });

  it('goes on after a restart of the server, and another server reads the same meanwhile', async () => {
    const first = await startServer();
    const other = await startServer();
    const attempt = await anAttempt();
    await begin(first, attempt);
    const { log } = await startAgent(attempt);
    const lines = numbered(60_000);
    await print(log, lines.slice(0, 20_000));
    const followed = collect(other.logs.follow(attempt.jobId, null, 100));
    await first.close();
    await print(log, lines.slice(20_000, 40_000));
    const second = await startServer();
    await print(log, lines.slice(40_000));
    await finish(log, attempt);
    expect(await followed).toEqual(lines.slice(100));
    await waitSealed(attempt);
    expect(await readAll(second, attempt)).toEqual(lines);
  });

  it('drops what is foreign, stale, repeated or broken, and nobody sees it', async () => {
    const server = await startServer();
    const attempt = await anAttempt();
    await begin(server, attempt);
    const { connection } = await startAgent(attempt);
    const subject = subjects.logs(agentId, attempt.attemptId);
    const send = (chunk: Partial<LogChunk>, over: { key?: Buffer; number?: number; n?: number; body?: Uint8Array } = {}) =>
      publishChunk(connection, subject, attempt, chunk, over);
    await send({ n: 0, text: 'first' });
    await send({ n: 1, firstLine: 1, text: 'foreign' }, { key: Buffer.from('another key') });
    await send({ n: 1, firstLine: 1, text: 'stale' }, { number: attempt.number - 1 });
    await send({ n: 2, firstLine: 1, text: 'renumbered' }, { n: 1 });
    await send({ n: 1, firstLine: 1, text: 'broken' }, { body: Buffer.from('no chunk') });
    await send({ n: 1, firstLine: 1, text: 'two\nlines', times: [1] });
    await send({ n: 1, firstLine: 5, text: 'elsewhere' });
    await send({ n: 0, text: 'repeated' });
    await send({ n: 1, firstLine: 1, text: 'second' });
    await send({ n: 2, firstLine: 2, text: '', times: [], last: true });
    expect(await collect(server.logs.follow(attempt.jobId, null, 0))).toEqual(['first', 'second']);
    await waitSealed(attempt);
    expect(await readAll(server, attempt)).toEqual(['first', 'second']);
  });

  it('ends the log of a lost attempt where it breaks off', async () => {
    const server = await startServer();
    const attempt = await anAttempt();
    await begin(server, attempt);
    const { connection } = await startAgent(attempt);
    await publishChunk(connection, subjects.logs(agentId, attempt.attemptId), attempt, { n: 0, text: 'half a li', endsInsideLine: true });
    await database.query(`update attempts set state = 'ended', ended_at = clock_timestamp() - interval '1 minute' where id = $1`, [
      attempt.attemptId,
    ]);
    tellChanged(`log.${attempt.attemptId}`);
    expect(await collect(server.logs.follow(attempt.jobId, null, 0))).toEqual(['half a li']);
    await waitSealed(attempt);
    expect(await readAll(server, attempt)).toEqual(['half a li']);
  });

  it('gives marks with the lines they stand before, live and sealed', async () => {
    const server = await startServer();
    const attempt = await anAttempt();
    await begin(server, attempt);
    const { log } = await startAgent(attempt);
    const marks: LogMark[] = [];
    const followed = (async () => {
      for await (const view of server.logs.follow(attempt.jobId, null, 0)) marks.push(...view.marks);
    })();
    log.mark({ kind: 'step', index: 0, name: 'one' } as Omit<LogMark, 'line'>);
    await print(log, ['a', 'b']);
    log.mark({ kind: 'step_end', index: 0, exitCode: 0, durationMs: 1 } as Omit<LogMark, 'line'>);
    await new Promise((resolve) => setTimeout(resolve, 50));
    log.mark({ kind: 'step', index: 1, name: 'two' } as Omit<LogMark, 'line'>);
    await print(log, ['c']);
    log.mark({ kind: 'step_end', index: 1, exitCode: 0, durationMs: 1 } as Omit<LogMark, 'line'>);
    await finish(log, attempt);
    await followed;
    const expected = [
      ['step', 0],
      ['step_end', 2],
      ['step', 2],
      ['step_end', 3],
    ];
    expect(marks.map((mark) => [mark.kind, mark.line])).toEqual(expected);
    await waitSealed(attempt);
    const view = await server.logs.read(attempt.jobId, null, 0, 10);
    expect(view.marks.map((mark) => [mark.kind, mark.line])).toEqual(expected);
    expect((await server.logs.read(attempt.jobId, null, 2, 1)).marks.map((mark) => mark.kind)).toEqual(['step_end', 'step', 'step_end']);
  });

  it('waits for the first attempt of a job, and ends at once for a job that never had one', async () => {
    const server = await startServer();
    const attempt = await anAttempt();
    const followed = collect(server.logs.follow(attempt.jobId, null, 0));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await begin(server, attempt);
    tellChanged(`job.${attempt.jobId}`);
    const { log } = await startAgent(attempt);
    await print(log, ['at last']);
    await finish(log, attempt);
    expect(await followed).toEqual(['at last']);
    const skipped = await anAttempt();
    await database.query('delete from attempts where id = $1', [skipped.attemptId]);
    await database.query(`update jobs set state = 'skipped', finished_at = now() where id = $1`, [skipped.jobId]);
    expect(await collect(server.logs.follow(skipped.jobId, null, 0))).toEqual([]);
  });

  it('leaves a subscription at once, also while nothing is printed', async () => {
    const server = await startServer();
    const attempt = await anAttempt();
    await begin(server, attempt);
    const views = server.logs.follow(attempt.jobId, null, 0);
    await views.next();
    const pending = views.next();
    await views.return?.();
    expect(await pending).toMatchObject({ done: true });
  });

  it('holds no memory for a slow reader: it reads sealed blocks when it has fallen behind', async () => {
    const server = await startServer();
    const attempt = await anAttempt();
    await begin(server, attempt);
    const { log } = await startAgent(attempt);
    const slow = server.logs.follow(attempt.jobId, null, 0);
    const seen = linesOf((await slow.next()).value);
    const lines = numbered(100_000);
    await print(log, lines);
    await finish(log, attempt);
    await waitSealed(attempt);
    for await (const view of slow) seen.push(...linesOf(view));
    expect(seen).toEqual(lines);
  });

  it('carries a million lines to a follower and into sealed blocks, in bounded memory', { timeout: 60_000 }, async () => {
    const server = await startServer();
    const attempt = await anAttempt();
    await begin(server, attempt);
    const { log } = await startAgent(attempt);
    const before = process.memoryUsage().rss;
    let mostBytes = 0;
    const block = Buffer.from(
      numbered(1000, 80)
        .map((line) => `${line}\n`)
        .join(''),
    );
    const started = performance.now();
    const seen = (async () => {
      let lines = 0;
      for await (const view of server.logs.follow(attempt.jobId, null, 0)) {
        lines += view.lineCount - (view.startsInsideLine && view.lineCount > 0 ? 1 : 0);
        mostBytes = Math.max(mostBytes, process.memoryUsage().rss - before);
      }
      return lines;
    })();
    for (let i = 0; i < 1000; i++) {
      await log.write(block);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await finish(log, attempt);
    expect(await seen).toBe(1_000_000);
    const followedMs = performance.now() - started;
    await waitSealed(attempt);
    if (process.env.BENCH) {
      const sealedMs = performance.now() - started;
      console.log(
        `followed in ${Math.round(followedMs)} ms, sealed in ${Math.round(sealedMs)} ms, ${Math.round(mostBytes / 2 ** 20)} MiB more for agent and server`,
      );
      for (const at of [0, 500_000, 999_000, 250_000]) {
        const opened = performance.now();
        await server.logs.read(attempt.jobId, null, at, 1000);
        console.log(`read 1000 lines at ${at}: ${(performance.now() - opened).toFixed(1)} ms`);
      }
    }
    expect(mostBytes).toBeLessThan(300 * 1024 * 1024);
  });

  it('is deleted when it has been kept long enough, and says so', async () => {
    const server = await startServer();
    const attempt = await anAttempt();
    await begin(server, attempt);
    const { log } = await startAgent(attempt);
    await print(log, ['old']);
    await finish(log, attempt);
    await waitSealed(attempt);
    const later = new Date(Date.now() + 91 * 24 * 3600_000);
    await blobs.put(`logs/${attempt.attemptId}/unknown`, Buffer.from('of a sealer that died'));
    expect(await sweepOrphanedBlocks(database, blobs, new Date())).toBe(0);
    expect(await sweepOrphanedBlocks(database, blobs, later)).toBe(1);
    expect(await sweepLogs(database, blobs, new Date())).toBe(0);
    expect(await sweepLogs(database, blobs, later)).toBeGreaterThan(0);
    await expect(server.logs.read(attempt.jobId, null, 0, 1)).rejects.toMatchObject({ code: 'log_expired' });
    expect(await Array.fromAsync(blobs.list('logs'))).toEqual([]);
  });
});

async function publishChunk(
  connection: NatsConnection,
  subject: string,
  attempt: { number: number },
  chunk: Partial<LogChunk>,
  over: { key?: Buffer; number?: number; n?: number; body?: Uint8Array } = {},
): Promise<void> {
  const whole: LogChunk = {
    n: 0,
    firstLine: 0,
    startsInsideLine: false,
    endsInsideLine: false,
    last: false,
    times: [1],
    text: '',
    marks: [],
    ...chunk,
  };
  const [number, n] = [over.number ?? attempt.number, over.n ?? whole.n];
  const message = headers();
  message.set(LOG_HEADERS.attempt, String(number));
  message.set(LOG_HEADERS.n, String(n));
  message.set(LOG_HEADERS.mac, macOf(over.key ?? KEY, subject, number, n));
  await jetstream(connection).publish(subject, over.body ?? encodeLogChunk(whole), { headers: message });
}

function linesOf(view: LogView): string[] {
  if (view.lineCount === 0) return [];
  const lines = view.text.split('\n');
  expect(lines).toHaveLength(view.lineCount);
  expect(view.times).toHaveLength(view.lineCount);
  return lines;
}

/** What a viewer puts together; checks that each batch goes on where the one before ended. */
async function collect(views: AsyncIterable<LogView>): Promise<string[]> {
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

async function text(parts: AsyncIterable<string> | null): Promise<string> {
  return parts ? (await Array.fromAsync(parts)).join('') : '';
}
