import { shorten } from '../../ui/shorten.ts';
import { stripAnsi } from './ansi.ts';

const ERROR =
  /(?:^|[\s[(:])(?:error|err!|fatal|panic|exception|failed|failure|fail|traceback|not ok|segmentation fault)(?=$|[\s\])(:!.,])|\w(?:Error|Exception):|[✕✖✗✘×]\s/i;
const HARMLESS = /\b(?:0|no) (?:errors?|fail(?:ed|ures?|s)?)\b|\b(?:errors?|fail(?:ed|ures?|s)?)[:= ]+0\b/i;

/** Whether a line looks like it says what went wrong. A guess by its words, and treated as one: a tint and a place to jump to. */
export function looksLikeError(text: string): boolean {
  const plain = stripAnsi(text.length > 2000 ? shorten(text, 2000) : text);
  return ERROR.test(plain) && !HARMLESS.test(plain);
}
