const UNRELEASED = '## [Unreleased]';
const HEADING = /^## \[([^\]]+)\](?: - (\d{4}-\d\d-\d\d))?$/gm;

/** @typedef {{ version: string, date: string | null, text: string }} Entry of a version; `Unreleased` has no date */

/** Newest first. @param {string} changelog @returns {Entry[]} */
export function entriesOf(changelog) {
  const headings = [...changelog.matchAll(HEADING)];
  return headings.map(({ 0: heading, 1: version = '', 2: date = null, index }, i) => ({
    version,
    date,
    text: changelog.slice(index + heading.length, headings[i + 1]?.index).trim(),
  }));
}

/**
 * What is not released yet becomes the entry of a version.
 * @param {string} changelog @param {string} version @param {string} date as in 2026-01-31
 */
export function releaseEntry(changelog, version, date) {
  const [newest] = entriesOf(changelog);
  if (newest?.version !== 'Unreleased') throw new Error(`CHANGELOG.md does not begin with "${UNRELEASED}".`);
  if (newest.text === '') throw new Error('CHANGELOG.md says nothing under "Unreleased": what would users notice of this release?');
  return changelog.replace(UNRELEASED, `${UNRELEASED}\n\n## [${version}] - ${date}`);
}
