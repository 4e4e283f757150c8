const VERSION = /^(\d+)\.(\d+)\.(\d+)$/;

/**
 * Everything at once, so that nobody mends one thing after the other.
 * @param {string} version
 * @param {{ released: string[], tags: string[], branch: string, changed: string[] }} checkout
 * @returns {string[]} empty: it may be released
 */
export function whyNotReleased(version, { released, tags, branch, changed }) {
  if (!VERSION.test(version)) return [`"${version}" is not a version like 0.2.0.`];
  const later = released.filter((each) => compareVersions(each, version) >= 0);
  return [
    ...(later.length > 0 ? [`${later[0]} is released already; choose a later version.`] : []),
    ...(tags.includes(`v${version}`) ? [`There is a tag v${version} already.`] : []),
    ...(branch === 'main' ? [] : [`Releases are made on main; this is ${branch === '' ? 'no branch' : branch}.`]),
    ...(changed.length > 0 ? [`Commit or drop these first: ${changed.map((each) => each.slice(3)).join(', ')}.`] : []),
  ];
}

/** @param {string} a @param {string} b @returns {number} below 0: `a` is earlier */
export function compareVersions(a, b) {
  const [left, right] = [a, b].map((each) => (VERSION.exec(each) ?? []).slice(1).map(Number));
  const at = [0, 1, 2].find((i) => left?.[i] !== right?.[i]);
  return at === undefined ? 0 : (left?.[at] ?? 0) - (right?.[at] ?? 0);
}
