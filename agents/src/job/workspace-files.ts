import { readdir } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { namePattern } from '@slipway/protocol';

export type WorkspaceFile = { path: string; kind: 'file' | 'folder' | 'link' | 'other' };

const NEVER = new Set(['.git']);

/**
 * What in a workspace fits a pattern: relative paths, sorted, folders included. A pattern that names a folder means all that
 * is in it. Links are listed, never followed, so nothing outside of the workspace is found. The repository's `.git` is left out.
 */
export async function findFiles(workspacePath: string, pattern: string): Promise<WorkspaceFile[]> {
  const clean = posix.normalize(pattern).replace(/\/+$/, '');
  const isAll = clean === '' || clean === '.';
  const { matches, reaches } = namePattern(clean);
  const found: WorkspaceFile[] = [];
  /** Grows while it is walked; recursion would be as deep as a hostile tree. */
  const folders = [{ path: '', isIn: isAll }];
  for (const { path: folder, isIn: isFolderIn } of folders) {
    for (const entry of await readdir(join(workspacePath, folder), { withFileTypes: true })) {
      if (NEVER.has(entry.name)) continue;
      const path = posix.join(folder, entry.name);
      const kind = kindOf(entry);
      const isIn = isFolderIn || matches(path);
      if (isIn) found.push({ path, kind });
      if (kind === 'folder' && (isIn || reaches(path))) folders.push({ path, isIn });
    }
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): WorkspaceFile['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'other';
}
