import { lstat, readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import picomatch from 'picomatch';

export type WorkspaceFile = { path: string; kind: 'file' | 'folder' | 'link' | 'other' };

const NEVER = new Set(['.git']);

/**
 * What in a workspace fits a pattern: relative paths, sorted, folders included. A pattern that names a folder means all that
 * is in it. Links are listed, never followed, so nothing outside of the workspace is found. The repository's `.git` is left out.
 */
export async function findFiles(workspacePath: string, pattern: string): Promise<WorkspaceFile[]> {
  const clean = posix.normalize(pattern.replace(/\/+$/, '') || '.');
  if (clean.startsWith('..') || clean.startsWith('/')) return [];
  const { base, isGlob } = picomatch.scan(clean);
  const start = isGlob ? base || '.' : clean;
  if (!(await isPlain(workspacePath, start))) return [];
  const fits = isGlob ? picomatch([clean, `${clean}/**`], { dot: true }) : () => true;
  const found = await walk(workspacePath, start);
  return found.filter(({ path }) => path !== '.' && fits(path)).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Whether no part of the way there is a link. */
async function isPlain(workspacePath: string, path: string): Promise<boolean> {
  const parts = path === '.' ? [] : path.split('/');
  if (parts.some((part) => NEVER.has(part))) return false;
  for (let depth = 1; depth < parts.length; depth++) {
    const facts = await lstat(join(workspacePath, ...parts.slice(0, depth))).catch(() => null);
    if (!facts?.isDirectory()) return false;
  }
  return (await lstat(join(workspacePath, path)).catch(() => null)) !== null;
}

async function walk(workspacePath: string, start: string): Promise<WorkspaceFile[]> {
  const facts = await lstat(join(workspacePath, start));
  const found: WorkspaceFile[] = [{ path: start, kind: kindOf(facts) }];
  // Grows while it is walked; recursion would be as deep as a hostile tree.
  for (let at = 0; at < found.length; at++) {
    const { path, kind } = found[at] as WorkspaceFile;
    if (kind !== 'folder') continue;
    for (const entry of await readdir(join(workspacePath, path), { withFileTypes: true })) {
      if (!NEVER.has(entry.name)) found.push({ path: posix.join(path, entry.name), kind: kindOf(entry) });
    }
  }
  return found;
}

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): WorkspaceFile['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'other';
}
