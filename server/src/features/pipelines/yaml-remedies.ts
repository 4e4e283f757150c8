import type { YAMLError } from 'yaml';

export const NOT_UNDERSTOOD = 'Mend the line; look at indentation, quotes and colons first.';
const QUOTE = 'Put quotes around the whole text.';

/** What people mean who make a fault. The parser has one code for several of them, told apart by its words; the first that fits holds. */
const REMEDIES: readonly (readonly [code: string, words: string, remedy: string])[] = [
  [
    'TAB_AS_INDENT',
    '',
    'Replace the tab by blanks; YAML allows no tabs before keys and lists. Most editors can insert blanks when Tab is pressed.',
  ],
  ['MISSING_CHAR', 'Missing closing', 'Close the quote that was opened.'],
  [
    'MISSING_CHAR',
    'Block scalars',
    'Indent the first line of the text like the others, and leave no line of blanks before it that is longer.',
  ],
  ['MISSING_CHAR', 'Implicit map keys', 'Put a colon and a value behind the name, or indent the line as a part of what is above it.'],
  ['MISSING_CHAR', '', 'Close the quote or the bracket that was opened.'],
  ['BAD_INDENT', 'Flow', 'Close the bracket that was opened, and indent the lines within it.'],
  ['BAD_INDENT', '', 'Indent what belongs together by the same number of blanks.'],
  ['BLOCK_AS_IMPLICIT_KEY', '', `${QUOTE} Without them, a colon and a blank end a key. Or write "|" and the text on the next lines.`],
  ['BAD_SCALAR_START', '', QUOTE],
  ['BAD_ALIAS', '', `${QUOTE} Without them, "*" begins an alias.`],
  ['BAD_DQ_ESCAPE', '', 'Write the backslash twice, or use single quotes.'],
  ['MULTIPLE_DOCS', '', 'A pipeline is one document: remove the line "---" here, or what follows it.'],
];
const CONFLICT = /^(<{7}|={7}|>{7})( |\r?$)/;

/** @param line of the file, where the fault is */
export function explainFault({ code, message }: YAMLError, line: string): { message: string; remedy: string } {
  if (CONFLICT.test(line))
    return { message: 'A merge left a conflict here.', remedy: 'Choose what is to stay, and remove the three marks.' };
  const [, , remedy] = REMEDIES.find(([ofCode, words]) => ofCode === code && message.startsWith(words)) ?? [];
  const words = code === 'MULTIPLE_DOCS' ? 'The file holds several documents' : message.split('\n')[0];
  return { message: `This is not valid YAML: ${words}`, remedy: remedy ?? NOT_UNDERSTOOD };
}
