import { shorten } from '../../ui/shorten.ts';

/** `git@host:path`, the short form of ssh. */
const SHORT_SSH = /^(?:[\w.~-]+@)?([\w.-]+|\[[\da-f:.]+\]):(?!\/\/)\S+$/i;

/** Whether an address, perhaps half typed, is one of ssh. The server has the last word on it. */
export function isSshAddress(address: string): boolean {
  const text = address.trim();
  if (text.includes('://')) return /^ssh:\/\//i.test(text);
  return SHORT_SSH.test(text) || /^[\w.~-]+@/.test(text);
}

/** Name of the host in an address; empty when it says none. */
export function hostnameOf(address: string): string {
  const text = address.trim();
  const short = text.includes('://') ? null : SHORT_SSH.exec(text);
  if (short) return short[1] ?? '';
  return URL.canParse(text) ? new URL(text).hostname : '';
}

const MAX_NAME_LENGTH = 64;

/** What the repository at an address would be called here: its last part, as names are allowed. */
export function suggestedName(address: string): string {
  const [, last = ''] = /([^/:]+?)(?:\.git)?\/*$/i.exec(address.trim()) ?? [];
  if (last === '' || last === hostnameOf(address)) return '';
  return shorten(
    last
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, ''),
    MAX_NAME_LENGTH,
  ).replace(/-+$/, '');
}
