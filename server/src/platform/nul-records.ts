import { shorten } from '@slipway/protocol';

/**
 * What git prints with `-z`: texts that each end with NUL, as they come. Names and messages may be as long as somebody made them, so of each
 * only the first `most` characters are kept. Takes time with what is read, and memory with what is kept.
 */
export async function* nulRecords(chunks: AsyncIterable<string>, most: number): AsyncGenerator<string, void> {
  let record = '';
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf('\0'); end !== -1; end = chunk.indexOf('\0', start)) {
      yield shorten(record + chunk.slice(start, end), most);
      record = '';
      start = end + 1;
    }
    // One that is being cut may grow by one more chunk, not by the whole of it.
    if (record.length <= 2 * most) record += chunk.slice(start);
  }
  if (record !== '') yield shorten(record, most);
}
