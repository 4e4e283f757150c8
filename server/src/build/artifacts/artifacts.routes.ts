import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { BlobStore } from '../../platform/blob-store.js';
import { DomainError, notFound } from '../../platform/errors.js';
import { type ArtifactOwner, type ArtifactStore, artifactKey, checkDigest } from './artifact-store.js';

export type ArtifactRoutesDeps = {
  artifacts: ArtifactStore;
  blobs: BlobStore;
  maxBytes: number;
  /** The attempt that holds this token and its lease; null: none does. */
  jobByToken(token: string): Promise<ArtifactOwner | null>;
  /** Whether the token is an environment's, and the digest that of one of its releases; null: it is a token of another kind. */
  environmentMayFetch(token: string, digest: string): Promise<boolean | null>;
  /** Whether a job (a deploy job, for its releases) may fetch an artifact that is not of its own run. */
  jobMayFetch(job: ArtifactOwner, digest: string): Promise<boolean>;
  /** @throws DomainError when the caller may not read the artifact's project, or there is none */
  authorise(request: FastifyRequest, artifactId: string): Promise<void>;
};

type Upload = { Params: { attempt: string; name: string }; Querystring: { digest?: string } };

/** Artifacts over HTTP: up and down for agents, with a job's token; down for people, as an attachment. */
export const artifactRoutes =
  (deps: ArtifactRoutesDeps): FastifyPluginAsync =>
  async (app) => {
    await app.register(async (agents) => {
      takeBodiesAsStreams(agents);
      agents.put<Upload>('/api/agent/attempts/:attempt/artifacts/:name', { bodyLimit: Number.MAX_SAFE_INTEGER }, (request, reply) =>
        upload(deps, request, reply),
      );
    });
    app.get<{ Params: { digest: string } }>('/api/agent/artifacts/:digest', (request, reply) => fetchArtifact(deps, request, reply));
    app.get<{ Params: { id: string } }>('/api/artifacts/:id', (request, reply) => download(deps, request, reply));
  };

async function upload(deps: ArtifactRoutesDeps, request: FastifyRequest<Upload>, reply: FastifyReply): Promise<FastifyReply> {
  const owner = await deps.jobByToken(bearer(request));
  if (owner?.attemptId !== request.params.attempt) throw notYours();
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > deps.maxBytes) throw tooLarge(announced, deps.maxBytes);
  const { name } = request.params;
  const digest = request.query.digest ?? '';
  const stored = await deps.artifacts.store({ owner, name, digest, content: request.raw });
  return reply.code(201).send({ ...stored, name, digest });
}

async function fetchArtifact(
  deps: ArtifactRoutesDeps,
  request: FastifyRequest<{ Params: { digest: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { digest } = request.params;
  checkDigest(digest);
  const token = bearer(request);
  const job = await deps.jobByToken(token);
  const mayFetch = job
    ? (await deps.artifacts.isOfRun(job.runId, digest)) || (await deps.jobMayFetch(job, digest))
    : await deps.environmentMayFetch(token, digest);
  if (mayFetch === null) throw unknownToken();
  if (!mayFetch) throw notFound('artifact', digest);
  return sendBlob(deps.blobs, digest, reply);
}

async function download(
  deps: ArtifactRoutesDeps,
  request: FastifyRequest<{ Params: { id: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { id } = request.params;
  await deps.authorise(request, id);
  const artifact = await deps.artifacts.byId(id);
  if (!artifact) throw notFound('artifact', id);
  if (artifact.deletedAt) {
    throw new DomainError(
      'not_found',
      'artifact_expired',
      `"${artifact.name}" was deleted: this installation keeps artifacts for a limited time. Run its job again to get it.`,
    );
  }
  reply.header('content-disposition', `attachment; filename="${artifact.name}.tar.zst"`);
  return sendBlob(deps.blobs, artifact.digest, reply);
}

async function sendBlob(blobs: BlobStore, digest: string, reply: FastifyReply): Promise<FastifyReply> {
  const facts = await blobs.facts(artifactKey(digest));
  const content = facts && (await blobs.stream(artifactKey(digest)));
  if (!content) {
    throw new DomainError(
      'unavailable',
      'artifact_missing',
      `The bytes of artifact ${digest} are not in the blob store. Restore the store from a backup, or run the job again.`,
    );
  }
  return reply
    .header('content-type', 'application/octet-stream')
    .header('content-length', facts.size)
    .header('x-content-type-options', 'nosniff')
    .header('etag', `"${digest}"`)
    .send(content);
}

/** Within this scope nothing is parsed or gathered: the handler reads the request itself. */
function takeBodiesAsStreams(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
}

function bearer(request: FastifyRequest): string {
  const [, token] = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (token) return token;
  throw new DomainError(
    'unauthenticated',
    'token_missing',
    'This address is for agents. Send the token of the work as "Authorization: Bearer …".',
  );
}

const unknownToken = () =>
  new DomainError(
    'unauthenticated',
    'bad_token',
    'This token belongs neither to running work nor to an environment. Stop the work: its lease is gone.',
  );

const notYours = () =>
  new DomainError(
    'unauthenticated',
    'token_invalid',
    'This token does not belong to this attempt, or no longer. Stop the work: its lease is gone.',
  );

const tooLarge = (bytes: number, maxBytes: number) =>
  new DomainError(
    'too_large',
    'artifact_too_large',
    `The artifact has ${Math.ceil(bytes / 2 ** 20)} MiB; ${Math.floor(maxBytes / 2 ** 20)} MiB are allowed. Nothing was stored. Name fewer files under \`artifacts\`.`,
  );
