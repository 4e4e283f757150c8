/**
 * The beginning of a text: at most `most` code points, never half of one. The time depends on what is kept, not on what is cut off.
 * @param ending appended if something was cut off; not counted
 */
export function shorten(text: string, most: number, ending = ''): string {
  if (text.length <= most) return text;
  let end = 0;
  for (let kept = 0; kept < most && end < text.length; kept++) end += isPair(text, end) ? 2 : 1;
  return end === text.length ? text : `${text.slice(0, end)}${ending}`;
}

/** The end of a text: at most `most` code points, never half of one. */
export function endOf(text: string, most: number): string {
  if (text.length <= most) return text;
  let start = text.length;
  for (let kept = 0; kept < most && start > 0; kept++) start -= isPair(text, start - 2) ? 2 : 1;
  return text.slice(start);
}

/**
 * Joins parts, each a sentence with its end mark: messages of programs and hosts often lack one. Empty or missing parts are left out. A part that
 * follows several lines, such as output of a program, begins on a line of its own.
 */
export function sentences(...parts: (string | null | undefined)[]): string {
  const said = parts.map((part) => part?.trim() ?? '').filter((part) => part !== '');
  const [first = '', ...rest] = said.map(ended);
  return rest.reduce(follow, first);
}

const ENDED = /[.!?…][)\]"'”’»`]*$/u;
const ended = (said: string): string => (ENDED.test(said) ? said : `${said.replace(/[,;:]$/u, '')}.`);

const follow = (before: string, next: string): string => `${before}${before.includes('\n') ? '\n' : ' '}${next}`;

const isPair = (text: string, at: number): boolean => (text.codePointAt(at) ?? 0) > 0xffff;
