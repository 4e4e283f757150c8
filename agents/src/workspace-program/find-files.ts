import { opendirSync } from 'node:fs';
import { posix } from 'node:path';
import { namePattern } from '@slipway/protocol/name-pattern';
import { type Bytes, bufferOf, depthOf, MAX_DEPTH, MAX_PATH_BYTES, shown, textOf } from './names.ts';

export type FoundFile = { path: Bytes; kind: 'file' | 'folder' | 'link' | 'other' };

export type Found = {
  /** In the order of their bytes, so that folders precede what is in them. */
  files: FoundFile[];
  /** Patterns that nothing fits, as they were given. */
  unmatched: string[];
  /** How many a later pattern with `!` has taken out. */
  excluded: number;
  /** Folders that could not be looked into, with why. */
  unreadable: { path: Bytes; why: string }[];
};

export type FindOptions = {
  /** Names of folders that no pattern looks into unless it names them. */
  skipped: string[];
  /** @throws whatever `tooMany` makes once more than this were found, or {@link MOST_LOOKED_AT} were looked at */
  most: number;
  tooMany(path: Bytes): Error;
};

type Pattern = { given: string; takesOut: boolean; isAll: boolean; matches(path: string): boolean; reaches(path: string): boolean };
/** `inside[i]`: the folder, or one that it is in, fits pattern i, which then means all that is in it. */
type Folder = { path: Bytes; inside: boolean[] };

const NEVER = '.git';
const MOST_LOOKED_AT = 5_000_000;

/**
 * What in the working folder fits patterns. One that fits a folder means all that is in it; a later one with `!` takes out again. Links are
 * listed, never followed, so nothing outside is found. The repository's `.git` is left out.
 */
export function findFiles(patterns: readonly string[], options: FindOptions): Found {
  const search = new Search(patterns.map(patternOf), options);
  search.walk();
  search.found.files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return search.found;
}

/** Whether a pattern fits the path itself, and not only a folder that it is in. */
export const isNamed = (path: Bytes, patterns: readonly string[]): boolean =>
  patterns.map(patternOf).some(({ takesOut, matches }) => !takesOut && matches(textOf(path)));

function patternOf(given: string): Pattern {
  const takesOut = given.startsWith('!');
  const clean = posix.normalize(takesOut ? given.slice(1) : given).replace(/\/+$/, '');
  return { given, takesOut, isAll: clean === '.' || clean === '', ...namePattern(clean) };
}

class Search {
  readonly found: Found;
  private readonly patterns: Pattern[];
  private readonly options: FindOptions;
  private readonly matched: boolean[];
  private looked = 0;

  constructor(patterns: Pattern[], options: FindOptions) {
    this.patterns = patterns;
    this.options = options;
    this.matched = patterns.map(() => false);
    this.found = { files: [], unmatched: [], excluded: 0, unreadable: [] };
  }

  walk(): void {
    // A list of what is still to be done: recursion would be as deep as a hostile tree.
    const folders: Folder[] = [{ path: '', inside: this.patterns.map(({ isAll }) => isAll) }];
    for (let folder = folders.pop(); folder; folder = folders.pop()) this.look(folder, folders);
    this.found.unmatched = this.patterns.filter((_, i) => !this.matched[i]).map(({ given }) => given);
  }

  private look(folder: Folder, folders: Folder[]): void {
    try {
      const dir = opendirSync(folder.path === '' ? Buffer.from('.') : bufferOf(folder.path), {
        encoding: 'buffer' as BufferEncoding,
        bufferSize: 256,
      });
      try {
        for (let entry = dir.readSync(); entry; entry = dir.readSync()) {
          // The types say string whatever the encoding.
          const name = (entry.name as unknown as Buffer).toString('latin1');
          if (name !== NEVER) this.consider(folder.path === '' ? name : `${folder.path}/${name}`, kindOf(entry), folder, folders);
        }
      } finally {
        dir.closeSync();
      }
    } catch (error) {
      const { code = '', message } = error as NodeJS.ErrnoException;
      if (!(code in UNREADABLE)) throw error;
      this.found.unreadable.push({ path: folder.path, why: UNREADABLE[code] ?? message });
    }
  }

  private consider(path: Bytes, kind: FoundFile['kind'], folder: Folder, folders: Folder[]): void {
    if (++this.looked > MOST_LOOKED_AT) throw this.options.tooMany(path);
    const text = textOf(path);
    const inside = this.patterns.map(({ matches }, i) => (folder.inside[i] ?? false) || matches(text));
    const last = inside.lastIndexOf(true);
    const isIn = last !== -1 && !this.patterns[last]?.takesOut;
    for (const [i, isInside] of inside.entries()) if (isInside) this.matched[i] = true;
    if (isIn) {
      this.found.files.push({ path, kind });
      if (this.found.files.length > this.options.most) throw this.options.tooMany(path);
    } else if (last !== -1 && this.patterns.some(({ takesOut }, i) => inside[i] && !takesOut)) this.found.excluded++;
    if (kind === 'folder' && this.maySearch(path, text, inside)) folders.push({ path, inside });
  }

  /** Whether something in this folder may be wanted. */
  private maySearch(path: Bytes, text: string, inside: boolean[]): boolean {
    const name = posix.basename(text);
    const wanted = this.patterns.some(
      (pattern, i) =>
        !pattern.takesOut &&
        (!this.options.skipped.includes(name) || pattern.given.includes(name)) &&
        ((inside[i] && !inside.some((isInside, later) => later > i && isInside && this.patterns[later]?.takesOut)) ||
          pattern.reaches(text)),
    );
    if (!wanted) return false;
    if (depthOf(path) < MAX_DEPTH && path.length < MAX_PATH_BYTES) return true;
    this.found.unreadable.push({ path, why: `more than ${MAX_DEPTH} folders or ${MAX_PATH_BYTES} bytes deep` });
    return false;
  }
}

/** What a job may have made of its folders; other errors are the machine's. */
const UNREADABLE: Record<string, string> = {
  EACCES: 'the job may not read it',
  EPERM: 'the job may not read it',
  ENOENT: 'it was gone',
  ENOTDIR: 'it was gone',
  ELOOP: 'it was gone',
  ENAMETOOLONG: 'its path is too long',
};

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean; isSymbolicLink(): boolean }): FoundFile['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

/** As many as a line of the log holds, and how many more. */
export function listed(items: readonly { path: Bytes; why: string }[]): string {
  const named = items.slice(0, MOST_NAMED).map(({ path, why }) => `${path === '' ? 'the workspace' : shown(path)} (${why})`);
  return items.length > MOST_NAMED ? `${named.join(', ')} and ${items.length - MOST_NAMED} more` : named.join(', ');
}

const MOST_NAMED = 10;
