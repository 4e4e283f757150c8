import { Lexer } from 'yaml';
import { MAX_DEPTH } from './yaml-value.js';

const OPENS = new Set(['[', '{']);
const CLOSES = new Set([']', '}']);
/** Of one line: `- - - x` are three lists. */
const INDICATORS = new Set(['-', '?', ':']);

/**
 * Where brackets, or marks of lists and keys on one line, begin to nest too deep for the parser, which needs stack for each: its offset in the text.
 * null: nowhere. What stands in texts and comments is none of it.
 */
export function tooDeepAt(text: string): number | null {
  let offset = 0;
  let brackets = 0;
  let indicators = 0;
  for (const token of new Lexer().lex(text)) {
    if (OPENS.has(token)) brackets++;
    else if (CLOSES.has(token)) brackets = Math.max(0, brackets - 1);
    else if (INDICATORS.has(token)) indicators++;
    if (token.includes('\n')) indicators = 0;
    if (brackets > MAX_DEPTH || (brackets === 0 && indicators > MAX_DEPTH)) return offset;
    // The lexer's own marks have no place in the text.
    if (!OWN_MARKS.has(token)) offset += token.length;
  }
  return null;
}

/** Document, end of flow, scalar that follows. */
const OWN_MARKS = new Set(['\u0002', '\u0018', '\u001f']);
