/** What follows in a text behind what was told already, if that ended with a sentence there; else all of it. */
export function newsIn(text: string, told: readonly string[]): string {
  const known = told.filter((each) => text.startsWith(each)).sort((a, b) => b.length - a.length);
  for (const { length } of known) {
    const [, news] = /^[.!?…]?\s+(\p{Lu}.*)$/su.exec(text.slice(length)) ?? [];
    if (news) return news;
  }
  return text;
}
