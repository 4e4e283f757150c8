import { createHash } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArtifactRef, shorten, type Work } from '@slipway/protocol';
import { ArtifactRefused, downloadArtifact } from '../archive/download-artifact.js';
import type { ArchiveBounds, FilesRequest } from '../workspace-program/messages.js';
import { Infrastructure, JobFailure } from './job-failure.js';
import { patiently, type ServerAccess, ServerRefused, uploadFile } from './server-http.js';
import type { Workspace } from './workspace.js';

export type ArtifactDeps = {
  workspace: Workspace;
  server: ServerAccess;
  /** For archives on their way to the server. */
  spoolDir: string;
  bounds: ArchiveBounds;
  notice(text: string): void;
};

/** Packs and stores what the job declares to have made. @throws JobFailure, Infrastructure */
export async function storeArtifacts(work: Work, deps: ArtifactDeps): Promise<void> {
  const { workspace, server, spoolDir, bounds, notice } = deps;
  for (const { name, paths } of work.artifacts) {
    await inSpool(spoolDir, `${work.attempt}-${name}`, async (archive) => {
      const packed = await pack(workspace, { do: 'pack', name, patterns: paths, bounds }, archive, deps);
      const path = `/api/agent/attempts/${work.attempt}/artifacts/${encodeURIComponent(name)}?digest=${packed.digest}`;
      await uploadFile(server, path, { path: archive, size: packed.size }).catch((error) => {
        server.signal.throwIfAborted();
        refused(name, error);
      });
      const facts = [count(packed.entries, 'entry', 'entries'), readable(packed.size), `sha256 ${shorten(packed.digest, 12)}`];
      notice(`Stored artifact "${name}": ${facts.join(', ')}.`);
    });
  }
}

/** The digest is the SHA-256 of the compressed bytes. */
async function pack(workspace: Workspace, request: FilesRequest, archive: string, { server, notice }: ArtifactDeps) {
  const hash = createHash('sha256');
  let size = 0;
  await using file = await open(archive, 'w', 0o600);
  const onData = async (bytes: Uint8Array): Promise<void> => {
    size += bytes.length;
    if (size > mostPacked(request.bounds)) throw new Infrastructure('sandbox_failed', 'An archive is longer than its content can need.');
    hash.update(bytes);
    await file.writeFile(bytes);
  };
  const { entries } = await workspace.run({ request: () => request, onData, notice, stop: server.signal });
  return { entries, size, digest: hash.digest('hex') };
}

/** What can't be compressed takes a little more than it is, and each entry its header. */
const mostPacked = ({ bytes, entries }: ArchiveBounds): number => bytes * 1.01 + entries * 16_384;

/** Brings what earlier jobs of the run have made. @throws JobFailure, Infrastructure */
export async function fetchNeeds(work: Work, { workspace, server, bounds, notice }: ArtifactDeps): Promise<void> {
  for (const need of work.needs) {
    const request = async (exchange: string, inside: string) => {
      await fetchArtifact(need, server, join(exchange, 'archive'));
      return { do: 'unpack', archive: join(inside, 'archive'), bounds, readOnly: false } as const;
    };
    await workspace.run({ request, notice, stop: server.signal }).catch((error) => unusable(need, error));
    notice(`Fetched artifact "${need.name}": ${readable(need.size)}.`);
  }
}

async function fetchArtifact(need: ArtifactRef, server: ServerAccess, archive: string): Promise<void> {
  const { digest, size } = need;
  const download = () => downloadArtifact({ ...server, digest, size, file: archive });
  await patiently(server.signal, download, (error) => error instanceof ArtifactRefused).catch((error) => {
    server.signal.throwIfAborted();
    throw new Infrastructure('artifact_unavailable', `Artifact "${need.name}" could not be fetched: ${error.message}`, { cause: error });
  });
}

function refused(name: string, error: Error): never {
  if (error instanceof ServerRefused && error.status !== 401)
    throw new JobFailure('artifact_refused', `Artifact "${name}" was not stored: ${error.message}`);
  throw new Infrastructure('artifact_not_stored', `Artifact "${name}" could not be stored: ${error.message}`, { cause: error });
}

function unusable(need: ArtifactRef, error: Error): never {
  if (error instanceof JobFailure) throw new JobFailure(error.reason, `Artifact "${need.name}" can't be used. ${error.message}`);
  throw error;
}

async function inSpool<T>(spoolDir: string, name: string, use: (file: string) => Promise<T>): Promise<T> {
  await mkdir(spoolDir, { recursive: true, mode: 0o700 });
  const file = join(spoolDir, `${name.replace(/[^\w.-]/g, '_')}.tar.zst`);
  try {
    return await use(file);
  } finally {
    await rm(file, { force: true });
  }
}

const count = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`;

function readable(bytes: number): string {
  if (bytes < 1024) return count(bytes, 'byte', 'bytes');
  return bytes < 1024 ** 2 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}
