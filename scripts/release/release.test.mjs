import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../bootstrap/paths.mjs';
import { entriesOf, releaseEntry } from './changelog.mjs';
import { compareVersions, whyNotReleased } from './rules.mjs';

const CHANGELOG = '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- Flags.\n\n## [0.1.0] - 2026-01-31\n\nThe first.\n';
const fine = { released: ['0.1.0'], tags: ['v0.1.0'], branch: 'main', changed: [] };

describe('a release', () => {
  it('makes what is not released yet the entry of its version, and begins an empty one', () => {
    expect(entriesOf(releaseEntry(CHANGELOG, '0.2.0', '2026-02-03'))).toEqual([
      { version: 'Unreleased', date: null, text: '' },
      { version: '0.2.0', date: '2026-02-03', text: '### Added\n\n- Flags.' },
      { version: '0.1.0', date: '2026-01-31', text: 'The first.' },
    ]);
  });

  it('without a word for users is none', () => {
    expect(() => releaseEntry(releaseEntry(CHANGELOG, '0.2.0', '2026-02-03'), '0.3.0', '2026-02-04')).toThrow('says nothing');
  });

  it('is refused with everything that stands in its way', () => {
    expect(whyNotReleased('0.2.0', fine)).toEqual([]);
    expect(whyNotReleased('0.1.0', { ...fine, branch: 'try', changed: [' M README.md'] })).toEqual([
      '0.1.0 is released already; choose a later version.',
      'There is a tag v0.1.0 already.',
      'Releases are made on main; this is try.',
      'Commit or drop these first: README.md.',
    ]);
    expect(whyNotReleased('v1', fine)).toHaveLength(1);
  });

  it('compares versions by number', () => {
    expect(['0.10.0', '0.9.1', '1.0.0', '0.9.0'].sort(compareVersions)).toEqual(['0.9.0', '0.9.1', '0.10.0', '1.0.0']);
  });
});

it('the changelog is one that a release can read, newest first and of known kinds', async () => {
  const entries = entriesOf(await readFile(join(ROOT, 'CHANGELOG.md'), 'utf8'));
  const versions = entries.slice(1).map(({ version }) => version);
  expect(entries[0]?.version).toBe('Unreleased');
  expect(versions).toEqual([...versions].sort(compareVersions).reverse());
  for (const { text } of entries)
    for (const [, kind] of text.matchAll(/^### (.+)$/gm))
      expect(['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security']).toContain(kind);
});
