import type { YAMLError } from 'yaml';

export const NOT_UNDERSTOOD = 'Fix the line; check indentation, quotes and colons first.';
const QUOTE = 'Put quotes around the whole text.';

/** What people mean who make a fault. The parser has one code for several of them, told apart by its words; the first that fits holds. */
const REMEDIES: readonly (readonly [code: string, words: string, remedy: string])[] = [
  [
    'TAB_AS_INDENT',
    '',
    'Replace the tab with spaces; YAML allows no tabs before keys and lists. Most editors can insert spaces when you press Tab.',
  ],
  ['MISSING_CHAR', 'Missing closing', 'Close the quote that was opened.'],
  ['MISSING_CHAR', 'Block scalars', 'Indent the first line of the text like the others, and leave no longer line of spaces before it.'],
  ['MISSING_CHAR', 'Implicit map keys', 'Put a colon and a value after the name, or indent the line as part of what is above it.'],
  ['MISSING_CHAR', '', 'Close the quote or the bracket that was opened.'],
  ['BAD_INDENT', 'Flow', 'Close the bracket that was opened, and indent the lines within it.'],
  ['BAD_INDENT', '', 'Indent what belongs together by the same number of spaces.'],
  ['BLOCK_AS_IMPLICIT_KEY', '', `${QUOTE} Without them, a colon and a space end a key. Or write "|" and the text on the next lines.`],
  ['BAD_SCALAR_START', '', QUOTE],
  ['BAD_ALIAS', '', `${QUOTE} Without them, "*" begins an alias.`],
  ['BAD_DQ_ESCAPE', '', 'Write the backslash twice, or use single quotes.'],
  ['MULTIPLE_DOCS', '', 'A pipeline is one document: remove the line "---" here, or what follows it.'],
];
const CONFLICT = /^(<{7}|={7}|>{7})( |\r?$)/;

/** @param line of the file, where the fault is */
export function explainFault({ code, message }: YAMLError, line: string): { message: string; remedy: string } {
  if (CONFLICT.test(line)) return { message: 'A merge left a conflict here.', remedy: 'Choose what to keep, and remove the three marks.' };
  const [, , remedy] = REMEDIES.find(([ofCode, words]) => ofCode === code && message.startsWith(words)) ?? [];
  const words = code === 'MULTIPLE_DOCS' ? 'The file contains several documents' : message.split('\n')[0];
  return { message: `This is not valid YAML: ${words}`, remedy: remedy ?? NOT_UNDERSTOOD };
}
