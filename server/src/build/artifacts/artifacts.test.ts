import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type FastifyError, type FastifyInstance, fastify } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FolderBlobStore } from '../../platform/blob-store.js';
import { DomainError } from '../../platform/errors.js';
import { showError, statusOf } from '../../platform/http/error-reply.js';
import { newId } from '../../platform/ids.js';
import { anAgent, aRepository } from '../../testing/builders.js';
import { type TestDatabase, testDatabase } from '../../testing/database.js';
import { silent } from '../../testing/graphql.js';
import { type ArtifactOwner, ArtifactStore } from './artifact-store.js';
import { artifactRoutes } from './artifacts.routes.js';
import { sweepArtifacts, sweepOrphanedArtifacts } from './sweep-artifacts.js';

const MAX_BYTES = 1000;
const DAY_MS = 24 * 3600_000;
const digestOf = (bytes: string) => createHash('sha256').update(bytes).digest('hex');

describe('artifacts', () => {
  let database: TestDatabase;
  let folder: string;
  let blobs: FolderBlobStore;
  let artifacts: ArtifactStore;
  let app: FastifyInstance;
  let address: string;
  let place: { userId: string; projectId: string; repositoryId: string };
  let agentId: string;
  const owners = new Map<string, ArtifactOwner>();
  let environmentDigest: string | null = null;

  beforeAll(async () => {
    database = await testDatabase();
    folder = await mkdtemp(join(tmpdir(), 'artifacts-'));
    blobs = new FolderBlobStore(folder);
    artifacts = new ArtifactStore(database, blobs, { maxBytes: MAX_BYTES, keepDays: 30 });
    place = await aRepository(database);
    agentId = await anAgent(database);
    app = fastify();
    app.setErrorHandler((error: FastifyError, _request, reply) => {
      const shown = showError(error, silent);
      return reply.code(statusOf(shown)).send({ error: shown });
    });
    await app.register(
      artifactRoutes({
        artifacts,
        blobs,
        maxBytes: MAX_BYTES,
        jobByToken: async (token) => owners.get(token) ?? null,
        environmentMayFetch: async (token, digest) =>
          token.startsWith('env.') ? token === 'env.mine' && digest === environmentDigest : null,
        jobMayFetch: async () => false,
        authorise: async (request) => {
          if (request.headers.cookie !== 'person') throw new DomainError('unauthenticated', 'not_signed_in', 'Sign in.');
        },
      }),
    );
    address = await app.listen({ port: 0, host: '127.0.0.1' });
  });
  afterAll(async () => {
    await app.close();
    await database.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(() => {
    environmentDigest = null;
  });

  /** An attempt, and its token. */
  const aJob = async (): Promise<ArtifactOwner & { token: string }> => {
    const owner = { runId: newId(), jobId: newId(), attemptId: newId(), projectId: place.projectId };
    await database.query(
      `insert into runs (id, project_id, repository_id, number, branch, commit_sha, trigger, state)
       select $1, $2, $3, coalesce(max(number), 0) + 1, 'main', 'c0ffee', 'manual', 'running' from runs`,
      [owner.runId, place.projectId, place.repositoryId],
    );
    await database.query(
      `insert into jobs (id, run_id, project_id, position, name, kind, spec, state, timeout_ms) values ($1, $2, $3, 0, 'build', 'build', '{}', 'running', 60000)`,
      [owner.jobId, owner.runId, owner.projectId],
    );
    await database.query(
      `insert into attempts (id, job_id, agent_id, state, key, token_hash, lease_until) values ($1, $2, $3, 'running', '', '', now())`,
      [owner.attemptId, owner.jobId, agentId],
    );
    const token = `token-${owner.attemptId}`;
    owners.set(token, owner);
    return { ...owner, token };
  };

  const put = (job: { attemptId: string; token: string }, name: string, bytes: string | Readable, digest = digestOf(String(bytes))) =>
    fetch(`${address}/api/agent/attempts/${job.attemptId}/artifacts/${encodeURIComponent(name)}?digest=${digest}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${job.token}` },
      body: bytes as never,
      duplex: 'half',
    } as RequestInit);
  const get = (path: string, init: RequestInit = {}) => fetch(`${address}${path}`, init);
  const asJob = (job: { token: string }): RequestInit => ({ headers: { authorization: `Bearer ${job.token}` } });
  const codeOf = async (response: Response) => [response.status, ((await response.json()) as { error: { code: string } }).error.code];
  const rowsOf = (job: ArtifactOwner) => artifacts.ofJobs([job.jobId]);

  it('come back as they were stored, to jobs of the run and to people as an attachment', async () => {
    const job = await aJob();
    const stored = await put(job, 'dist', 'bytes of dist');
    expect(stored.status).toBe(201);
    const { id } = (await stored.json()) as { id: string };
    expect(await rowsOf(job)).toMatchObject([{ id, name: 'dist', digest: digestOf('bytes of dist'), size: 13 }]);
    expect(await (await get(`/api/agent/artifacts/${digestOf('bytes of dist')}`, asJob(job))).text()).toBe('bytes of dist');
    const download = await get(`/api/artifacts/${id}`, { headers: { cookie: 'person' } });
    expect(download.headers.get('content-disposition')).toBe('attachment; filename="dist.tar.zst"');
    expect(download.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await download.text()).toBe('bytes of dist');
  });

  it('may be sent again, but never changed', async () => {
    const job = await aJob();
    const first = (await (await put(job, 'dist', 'same')).json()) as { id: string };
    expect(await (await put(job, 'dist', 'same')).json()).toMatchObject({ id: first.id });
    expect(await codeOf(await put(job, 'dist', 'different'))).toEqual([409, 'artifact_name_taken']);
    expect(await rowsOf(job)).toHaveLength(1);
  });

  it('are refused whole when too large, damaged, badly named or not the sender’s', async () => {
    const job = await aJob();
    const other = await aJob();
    const endless = () => Readable.from(Array.from({ length: 20 }, () => Buffer.alloc(100)));
    expect(await codeOf(await put(job, 'big', 'x'.repeat(MAX_BYTES + 1)))).toEqual([413, 'artifact_too_large']);
    expect(await codeOf(await put(job, 'big', endless(), digestOf('')))).toEqual([413, 'blob_too_large']);
    expect(await codeOf(await put(job, 'dist', 'bytes', digestOf('others')))).toEqual([400, 'blob_digest_mismatch']);
    expect(await codeOf(await put(job, 'dist', 'bytes', 'no digest'))).toEqual([400, 'bad_digest']);
    for (const name of ['..', 'a/../b', 'a\rb', 'x'.repeat(5000), '-rf']) {
      const [status] = await codeOf(await put(job, name, 'bytes'));
      expect([400, 404, 414]).toContain(status);
    }
    expect(await codeOf(await put({ ...job, token: other.token }, 'dist', 'bytes'))).toEqual([401, 'token_invalid']);
    expect(await codeOf(await put({ ...job, token: 'guessed' }, 'dist', 'bytes'))).toEqual([401, 'token_invalid']);
    expect(await rowsOf(job)).toEqual([]);
    expect(await blobs.facts(`artifacts/${digestOf('bytes').slice(0, 2)}/${digestOf('bytes')}`)).toBeNull();
  });

  it('are kept from other runs, strangers, and environments that have no such release', async () => {
    const [job, other] = [await aJob(), await aJob()];
    await put(job, 'dist', 'secret build');
    const digest = digestOf('secret build');
    expect(await codeOf(await get(`/api/agent/artifacts/${digest}`, asJob(other)))).toEqual([404, 'artifact_not_found']);
    expect(await codeOf(await get(`/api/agent/artifacts/${digest}`))).toEqual([401, 'token_missing']);
    expect(await codeOf(await get(`/api/agent/artifacts/${digest}`, asJob({ token: 'made-up' })))).toEqual([401, 'bad_token']);
    expect(await codeOf(await get(`/api/agent/artifacts/${digest}`, asJob({ token: 'env.mine' })))).toEqual([404, 'artifact_not_found']);
    environmentDigest = digest;
    expect((await get(`/api/agent/artifacts/${digest}`, asJob({ token: 'env.mine' }))).status).toBe(200);
    expect(await codeOf(await get(`/api/artifacts/${newId()}`))).toEqual([401, 'not_signed_in']);
  });

  it('are deleted when they have been kept long enough, but not what an environment runs or could go back to', async () => {
    const jobs = [await aJob(), await aJob(), await aJob(), await aJob()];
    const bytes = ['runs', 'ran before', 'shared', 'old'];
    for (const [i, job] of jobs.entries()) await put(job, 'dist', bytes[i] as string);
    await aDeployedRelease('runs', { current: true });
    await aDeployedRelease('ran before', { current: false });
    const later = new Date(Date.now() + 31 * DAY_MS);
    const young = await aJob();
    await put(young, 'dist', 'shared');
    await database.query(`update artifacts set expires_at = $2 where attempt_id = $1`, [
      young.attemptId,
      new Date(later.getTime() + DAY_MS),
    ]);
    await sweepArtifacts(database, blobs, new Date());
    expect(await survivors(bytes)).toEqual(bytes);
    await sweepArtifacts(database, blobs, later);
    expect(await survivors(bytes)).toEqual(['runs', 'ran before', 'shared']);
    const [old] = await rowsOf(jobs[3] as ArtifactOwner);
    expect(await codeOf(await get(`/api/artifacts/${old?.id}`, { headers: { cookie: 'person' } }))).toEqual([404, 'artifact_expired']);
  });

  it('leave no bytes behind that no row knows', async () => {
    const digest = digestOf('orphan');
    const key = `artifacts/${digest.slice(0, 2)}/${digest}`;
    await blobs.put(key, Buffer.from('orphan'));
    await sweepOrphanedArtifacts(database, blobs, new Date());
    expect(await blobs.facts(key)).not.toBeNull();
    await sweepOrphanedArtifacts(database, blobs, new Date(Date.now() + 2 * DAY_MS));
    expect(await blobs.facts(key)).toBeNull();
  });

  const survivors = async (bytes: string[]): Promise<string[]> => {
    const found = await Promise.all(bytes.map((text) => blobs.facts(`artifacts/${digestOf(text).slice(0, 2)}/${digestOf(text)}`)));
    return bytes.filter((_, i) => found[i]);
  };

  const aDeployedRelease = async (bytes: string, { current }: { current: boolean }) => {
    const [releaseId, environmentId] = [newId(), newId()];
    await database.query(
      `insert into releases (id, project_id, repository_id, number, commit_sha, branch, artifact_digest, artifact_size, app)
       select $1, $2, $3, coalesce(max(number), 0) + 1, 'c0ffee', 'main', $4, 1, '{}' from releases`,
      [releaseId, place.projectId, place.repositoryId, digestOf(bytes)],
    );
    await database.query('insert into environments (id, project_id, name, current_release_id) values ($1, $2, $3, $4)', [
      environmentId,
      place.projectId,
      `e-${environmentId}`,
      current ? releaseId : null,
    ]);
    await database.query(
      `insert into deployments (id, project_id, environment_id, release_id, strategy, kind, state, configuration)
       values ($1, $2, $3, $4, 'recreate', 'deploy', 'succeeded', '{}')`,
      [newId(), place.projectId, environmentId, releaseId],
    );
  };
});
