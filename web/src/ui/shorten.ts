const SEGMENTER = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** UTF-16 units of a character on average, at most; what piles up more marks than that is shortened further. */
const MOST_UNITS = 32;

/**
 * The beginning of a text for people: at most `most` characters as they see them, so that an emoji or a letter with its marks is never cut in two.
 * Takes time with what is kept, not with what is cut off.
 */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const head = text.slice(0, most * MOST_UNITS);
  let [left, end] = [most, 0];
  for (const { index } of SEGMENTER.segment(head)) {
    if (left-- === 0) return head.slice(0, index);
    end = index;
  }
  return head.length === text.length ? text : head.slice(0, end);
}
