/**
 * Does the work on every item, in so many lanes: whoever is free takes the next one.
 * @template Item, Result
 * @param {number} lanes @param {Item[]} items in the order in which they begin @param {(item: Item) => Promise<Result>} work
 * @returns {Promise<Result[]>} in the order of the items
 */
export async function sideBySide(lanes, items, work) {
  /** @type {Result[]} */
  const results = [];
  const waiting = [...items.entries()];
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}
