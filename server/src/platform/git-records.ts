import { shorten } from '@slipway/protocol';

/**
 * What git prints, line by line, or with `-z` text by text, as it comes. Names, messages and lists of parents may be as long as somebody made them, so of each
 * only the first `most` characters are kept. Takes time with what is read, and memory with what is kept.
 */
export async function* gitRecords(
  chunks: AsyncIterable<string>,
  { end: mark, most }: { end: '\0' | '\n'; most: number },
): AsyncGenerator<string, void> {
  let record = '';
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(mark); end !== -1; end = chunk.indexOf(mark, start)) {
      yield shorten(record + chunk.slice(start, end), most);
      record = '';
      start = end + 1;
    }
    // A record that is being cut may grow by one more chunk, but not without limit.
    if (record.length <= 2 * most) record += chunk.slice(start);
  }
  if (record !== '') yield shorten(record, most);
}
