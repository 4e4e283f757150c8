import { shorten } from '@slipway/protocol/text';

/**
 * A name or path as the file system has it: one character a byte, whatever the bytes mean. Names need not be UTF-8, and two of them may
 * read alike.
 */
export type Bytes = string;

export const MAX_PATH_BYTES = 4_000;
export const MAX_NAME_BYTES = 255;
export const MAX_DEPTH = 256;

export const bytesOf = (text: string): Bytes => Buffer.from(text).toString('latin1');
export const bufferOf = (bytes: Bytes): Buffer => Buffer.from(bytes, 'latin1');
/** For patterns and people; what is not UTF-8 becomes �. */
export const textOf = (bytes: Bytes): string => bufferOf(bytes).toString('utf8');

export const depthOf = (path: Bytes): number => path.split('/').length;

/** In quotes, with whatever can't be printed escaped, and no longer than a line. */
export function shown(bytes: Bytes): string {
  const text = textOf(bytes);
  const printable = JSON.stringify(text).replace(/[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, escaped);
  return shorten(printable, MAX_SHOWN, '…"');
}

const MAX_SHOWN = 200;
const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Why no archive may hold this path, as the end of a sentence that begins with it; null: it may. */
export function faultOfPath(path: Bytes): string | null {
  if (path === '') return 'has no name';
  if (path.length > MAX_PATH_BYTES) return `has a path of more than ${MAX_PATH_BYTES} bytes`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  if (/[\x00-\x1f\x7f]/.test(path)) return 'has control characters in its name';
  if (path.startsWith('/')) return 'would be written outside its folder';
  const names = path.split('/');
  if (names.includes('..')) return 'would be written outside its folder';
  if (names.some((name) => name === '' || name === '.')) return 'is written in a way that Slipway does not use';
  if (names.some((name) => name.length > MAX_NAME_BYTES)) return `has a name of more than ${MAX_NAME_BYTES} bytes`;
  return names.length > MAX_DEPTH ? `lies more than ${MAX_DEPTH} folders deep` : null;
}

/**
 * Whether a link at `path` stays in the folder that paths are relative to. `..` counts only at the beginning of the target: after a
 * name it would go up from wherever another link has led to. Where every link is like this, none leads out through others either.
 */
export function isInnerLink(path: Bytes, target: Bytes): boolean {
  if (target === '' || target.startsWith('/') || target.includes('\0')) return false;
  const parts = target.split('/').filter((part) => part !== '' && part !== '.');
  const firstName = parts.findIndex((part) => part !== '..');
  const ups = firstName === -1 ? parts.length : firstName;
  return !parts.slice(ups).includes('..') && ups <= depthOf(path) - 1;
}
