import { mkdir, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ArtifactRef, Work } from '@slipway/protocol';
import { shorten } from '@slipway/protocol';
import { ArtifactRefused, downloadArtifact } from '../archive/download-artifact.js';
import { ArchiveTooLarge, isInnerLink, packArchive } from '../archive/pack-archive.js';
import { HostileArchive, USUAL_BOUNDS, unpackArchive } from '../archive/unpack-archive.js';
import { Infrastructure, JobFailure } from './job-failure.js';
import { patiently, type ServerAccess, ServerRefused, uploadFile } from './server-http.js';
import type { Workspace } from './workspace.js';
import { findFiles, type WorkspaceFile } from './workspace-files.js';

export type ArtifactDeps = {
  workspace: Workspace;
  server: ServerAccess /** For archives on their way. */;
  spoolDir: string;
  notice(text: string): void;
};

/** Packs and stores what the job declares to have made. @throws JobFailure, Infrastructure */
export async function storeArtifacts(work: Work, deps: ArtifactDeps): Promise<void> {
  for (const artifact of work.artifacts) {
    const files = await filesOf(artifact, deps);
    await inSpool(deps.spoolDir, `${work.attempt}-${artifact.name}`, async (archive) => {
      const bounds = { maxBytes: USUAL_BOUNDS.maxBytes, signal: deps.server.signal };
      const packed = await packArchive(deps.workspace.path, files, archive, bounds).catch((error) => tooLarge(artifact.name, error));
      const path = `/api/agent/attempts/${work.attempt}/artifacts/${encodeURIComponent(artifact.name)}?digest=${packed.digest}`;
      await uploadFile(deps.server, path, { path: archive, size: packed.size }).catch((error) => {
        deps.server.signal.throwIfAborted();
        refused(artifact.name, error);
      });
      deps.notice(
        `Stored artifact "${artifact.name}": ${count(files.length, 'entry', 'entries')}, ${readable(packed.size)}, sha256 ${shorten(packed.digest, 12)}.`,
      );
    });
  }
}

/** Brings what earlier jobs of the run have made. @throws Infrastructure */
export async function fetchNeeds(work: Work, { workspace, server, spoolDir, notice }: ArtifactDeps): Promise<void> {
  for (const need of work.needs) {
    await inSpool(spoolDir, `${work.attempt}-need-${need.digest}`, async (archive) => {
      await fetchArtifact(need, server, archive);
      await unpackArchive(archive, workspace.path, USUAL_BOUNDS, { owner: workspace.user }).catch((error) => unusable(need, error));
      notice(`Fetched artifact "${need.name}": ${readable(need.size)}.`);
    });
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

async function filesOf({ name, paths }: { name: string; paths: string[] }, { workspace, notice }: ArtifactDeps): Promise<string[]> {
  const found = new Map<string, WorkspaceFile>();
  for (const pattern of paths) {
    const files = await findFiles(workspace.path, pattern);
    if (files.length === 0) {
      throw new JobFailure(
        'artifact_missing',
        `Artifact "${name}" is to hold "${pattern}", but the steps have made nothing there. Check the path; it is relative to the workspace.`,
      );
    }
    for (const file of files) found.set(file.path, file);
  }
  const others = [...found.values()].filter(({ kind }) => kind === 'other');
  if (others.length > 0)
    notice(
      `Left out of artifact "${name}", as they are neither files nor folders: ${others
        .map(({ path }) => path)
        .slice(0, 10)
        .join(', ')}.`,
    );
  await checkLinks(name, workspace.path, [...found.values()]);
  if (found.size > USUAL_BOUNDS.maxEntries) {
    throw new JobFailure(
      'artifact_invalid',
      `Artifact "${name}" has ${found.size} entries; ${USUAL_BOUNDS.maxEntries} may be in one. Pack them into a file first, or choose fewer.`,
    );
  }
  return [...found.values()].filter(({ kind }) => kind !== 'other').map(({ path }) => path);
}

async function checkLinks(name: string, folder: string, files: WorkspaceFile[]): Promise<void> {
  for (const { path } of files.filter(({ kind }) => kind === 'link')) {
    const target = await readlink(join(folder, path));
    if (isInnerLink(path, target)) continue;
    throw new JobFailure(
      'artifact_invalid',
      `Artifact "${name}" holds "${path}", a link to "${target}" outside of the workspace. Copy what it points at instead.`,
    );
  }
}

function tooLarge(name: string, error: Error): never {
  if (error instanceof ArchiveTooLarge)
    throw new JobFailure('artifact_invalid', `Artifact "${name}" was not stored: ${error.message}. Name fewer files, or smaller ones.`);
  throw error;
}

function refused(name: string, error: Error): never {
  if (error instanceof ServerRefused && error.status !== 401)
    throw new JobFailure('artifact_refused', `Artifact "${name}" was not stored: ${error.message}`);
  throw new Infrastructure('artifact_not_stored', `Artifact "${name}" could not be stored: ${error.message}`, { cause: error });
}

function unusable(need: ArtifactRef, error: Error): never {
  if (error instanceof HostileArchive) throw new JobFailure('artifact_invalid', `Artifact "${need.name}" was refused: ${error.message}`);
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
