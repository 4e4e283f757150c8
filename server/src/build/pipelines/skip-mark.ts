import { shorten } from '@slipway/protocol';

const MARKS = ['skip[ _-]ci', 'ci[ _-]skip', 'no ci', 'skip actions', 'actions skip', 'skip slipway', 'slipway skip'];
const MARK = new RegExp(`\\[(?:${MARKS.join('|')})\\]`, 'i');
const MAX_SEARCHED = 64 * 1024;

/** How a commit's message says that it wants no run, in its own words; null when it doesn't. Marks are those of GitHub Actions, and GitLab's ways to write them. */
export function skipMark(message: string): string | null {
  const text = shorten(message, MAX_SEARCHED);
  const mark = MARK.exec(text);
  if (mark) return mark[0];
  return hasTrailer(text) ? 'skip-checks: true' : null;
}

/** For messages that are put together from others': a squash of a commit that wanted no run may want one. Marks stay readable, as `(skip ci)`. */
export function withoutSkipMarks(message: string): string {
  const text = message.replace(new RegExp(MARK, 'gi'), (mark) => `(${mark.slice(1, -1)})`);
  return hasTrailer(text) ? text.replace(/^skip-checks:/gim, 'skip-checks is') : text;
}

/** In the last paragraph, which is not the only one. */
function hasTrailer(text: string): boolean {
  const paragraphs = text.trimEnd().split(/\n[ \t\r]*\n/);
  return paragraphs.length > 1 && (paragraphs.at(-1) ?? '').split('\n').some((line) => /^skip-checks:[ \t]*true[ \t\r]*$/i.test(line));
}
