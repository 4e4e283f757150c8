import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeLogChunk, LOG_HEADERS, macOf, subjects } from '@slipway/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FolderBlobStore } from '../../platform/blob-store.js';
import { Changes } from '../../platform/changes.js';
import { newId } from '../../platform/ids.js';
import { anAgent, aRepository } from '../../testing/builders.js';
import { type TestDatabase, testDatabase } from '../../testing/database.js';
import { silent, testGraph } from '../../testing/graphql.js';
import { LogResolver } from './log.resolver.js';
import type { LogListener, LogSource } from './log-stream.js';
import { Logs } from './logs.js';

/** A stream that says what the test tells it to. */
class FakeLogSource implements LogSource {
  listener: LogListener | null = null;
  private seq = 0;

  follow(_subject: string, listener: LogListener) {
    this.listener = listener;
    listener.caughtUp();
    return { stop: async () => undefined };
  }

  async say(
    subject: string,
    number: number,
    key: Buffer,
    chunk: { n: number; firstLine: number; text: string; last?: boolean },
  ): Promise<void> {
    const times = chunk.text === '' ? [] : chunk.text.split('\n').map((_, i) => 1000 + i);
    const body = encodeLogChunk({ startsInsideLine: false, endsInsideLine: false, last: false, marks: [], ...chunk, times });
    const headers: Record<string, string> = {
      [LOG_HEADERS.attempt]: String(number),
      [LOG_HEADERS.n]: String(chunk.n),
      [LOG_HEADERS.mac]: macOf(key, subject, number, chunk.n),
    };
    await this.listener?.message({ seq: ++this.seq, body, header: (name) => headers[name] ?? '' });
  }
}

const FIELDS = 'attemptId firstLine lineCount text times startsInsideLine marks complete totalLines';
const KEY = Buffer.from('key');

describe('jobLog', () => {
  let database: TestDatabase;
  let folder: string;
  let logs: Logs;
  let graph: ReturnType<typeof testGraph>;
  let owner: { userId: string; isAdmin: boolean };
  const source = new FakeLogSource();
  const [jobId, attemptId] = [newId(), newId()];
  let say: (chunk: { n: number; firstLine: number; text: string; last?: boolean }) => Promise<void>;

  beforeAll(async () => {
    database = await testDatabase();
    folder = await mkdtemp(join(tmpdir(), 'log-resolver-'));
    const place = await aRepository(database);
    owner = { userId: place.userId, isAdmin: true };
    const [agentId, runId] = [await anAgent(database), newId()];
    await database.query(
      `insert into runs (id, project_id, repository_id, number, branch, commit_sha, trigger, state) values ($1, $2, $3, 1, 'main', 'c0ffee', 'manual', 'running')`,
      [runId, place.projectId, place.repositoryId],
    );
    await database.query(
      `insert into jobs (id, run_id, project_id, position, name, kind, spec, state, timeout_ms) values ($1, $2, $3, 0, 'build', 'build', '{}', 'running', 60000)`,
      [jobId, runId, place.projectId],
    );
    const [row] = await database.query<{ number: string }>(
      `insert into attempts (id, job_id, agent_id, state, key, token_hash, lease_until) values ($1, $2, $3, 'running', $4, '', now()) returning number`,
      [attemptId, jobId, agentId, KEY],
    );
    logs = new Logs({ database, source, blobs: new FolderBlobStore(folder), changes: new Changes(), tell: () => undefined, log: silent });
    graph = testGraph(database, [new LogResolver(logs)]);
    await database.transaction((tx) => logs.openLog(tx, attemptId, agentId));
    say = (chunk) => source.say(subjects.logs(agentId, attemptId), Number(row?.number), KEY, chunk);
  });
  afterAll(async () => {
    await logs.close();
    await database.close();
    await rm(folder, { recursive: true });
  });

  it('gives the present state, then lines as they come, then the end', async () => {
    const events = graph.watch(owner, `subscription { jobLog(jobId: "${jobId}") { ${FIELDS} } }`);
    const next = async () => (await events.next()).value?.data?.jobLog;
    expect(await next()).toMatchObject({ attemptId, lineCount: 0, complete: false });
    await say({ n: 0, firstLine: 0, text: 'one\n<script>two</script>' });
    expect(await next()).toEqual({
      ...{ attemptId, firstLine: 0, lineCount: 2, text: 'one\n<script>two</script>', times: [1000, 1001] },
      ...{ startsInsideLine: false, marks: [], complete: false, totalLines: 2 },
    });
    await say({ n: 1, firstLine: 2, text: 'three' });
    expect(await next()).toMatchObject({ firstLine: 2, text: 'three', totalLines: 3 });
    await say({ n: 2, firstLine: 3, text: '', last: true });
    expect(await next()).toMatchObject({ lineCount: 0, complete: true });
    expect(await events.next()).toMatchObject({ done: true });
  });

  it('reads any lines, also from the end', async () => {
    const { data } = await graph.run(owner, `{ jobLog(jobId: "${jobId}", fromLine: -2, count: 1) { ${FIELDS} } }`);
    expect(data?.jobLog).toMatchObject({ firstLine: 1, lineCount: 1, text: '<script>two</script>', complete: false, totalLines: 3 });
  });

  it('answers a wrong count, a foreign attempt and a stranger as they deserve', async () => {
    const code = async (query: string, actor: typeof owner | null = owner) => (await graph.run(actor, query)).errors[0]?.extensions?.code;
    expect(await code(`{ jobLog(jobId: "${jobId}", fromLine: 0, count: 20001) { text } }`)).toBe('bad_line_count');
    expect(await code(`{ jobLog(jobId: "${jobId}", attemptId: "${newId()}", fromLine: 0) { text } }`)).toBe('attempt_not_found');
    expect(await code(`{ jobLog(jobId: "${newId()}", fromLine: 0) { text } }`)).toMatch(/not_found/);
    expect(await code(`{ jobLog(jobId: "${jobId}", fromLine: 0) { text } }`, null)).toBe('unauthenticated');
    const { value } = await graph.watch(null, `subscription { jobLog(jobId: "${jobId}") { text } }`).next();
    expect(value?.errors[0]?.extensions?.code).toBe('unauthenticated');
  });
});
