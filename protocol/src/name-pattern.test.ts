import { describe, expect, it } from 'vitest';
import { anyOf, matchesAny, namePattern } from './name-pattern.js';

it.each<[string, string, boolean]>([
  ['main', 'main', true],
  ['main', 'Main', false],
  ['main', 'mai', false],
  ['*', 'feature/a', false],
  ['*', '.hidden', true],
  ['**', 'feature/a/b', true],
  ['release/*', 'release/1', true],
  ['release/*', 'release/1/fix', false],
  ['release/**', 'release/1/fix', true],
  ['release/**', 'release', false],
  ['v[0-9].*', 'v1.2', true],
  ['v[0-9].*', 'va.2', false],
  ['v[!0-9]*', 'vx1', true],
  ['v[!0-9]*', 'v/1', false],
  ['v?', 'v1', true],
  ['v?', 'v日', true],
  ['v?', 'v/', false],
  ['größe-*', 'größe-日本', true],
  ['docs/**', 'docs/a/b.md', true],
  ['docs/**', 'other/docs/a.md', false],
  ['**.js', 'a/b/c.js', true],
  ['**.js', 'c.js', true],
  ['**/*.md', 'README.md', true],
  ['**/*.md', 'a/b/README.md', true],
  ['**/*.md', 'a/b/README.mdx', false],
  ['docs/**/*.md', 'docs/a.md', true],
  ['docs/**/*.md', 'docs/a/b/c.md', true],
  ['a/**/z', 'a/bz', false],
  ['a/**/z', 'a/z', true],
  ['**/node/**', 'x/node/y', true],
  ['**/node/**', 'x/nodes/y', false],
  ['a**b', 'a/x/b', true],
  ['a\\*', 'a*', true],
  ['a\\*', 'ab', false],
  ['[', '[', true],
  ['(a+)+$', '(a+)+$', true],
  ['', '', true],
  ['app/[slug]/(group)/page.js', 'app/[slug]/(group)/page.js', true],
  ['app/[slug]/(group)/page.js', 'app/s/(group)/page.js', true],
  ['app/[...rest]/**', 'app/[...rest]/a/b.js', true],
  ['app/[[...rest]]/*', 'app/[[...rest]]/page.js', true],
  ['src/routes/[id=integer]/+page.svelte', 'src/routes/[id=integer]/+page.svelte', true],
  ['@scope/*', '@scope/a', true],
  ['a:b', 'a:b', true],
  ['{a,b}/x', 'a/x', true],
  ['{a,b}/x', 'b/x', true],
  ['{a,b}/x', 'c/x', false],
  ['{a,b}/x', '{a,b}/x', false],
  ['\\{a,b}/x', '{a,b}/x', true],
  ['x{,.min}.js', 'x.js', true],
  ['x{,.min}.js', 'x.min.js', true],
  ['{src/**/,}*.{js,ts{,x}}', 'src/a/b.tsx', true],
  ['{src/**/,}*.{js,ts{,x}}', 'c.js', true],
  ['{src/**/,}*.{js,ts{,x}}', 'c.jsx', false],
  ['{a}', '{a}', true],
  ['{a', '{a', true],
  ['{a,b', '{a,b', true],
])('%j and %j: %s', (pattern, name, expected) => {
  expect(matchesAny(name, [pattern])).toBe(expected);
});

it('lets later patterns win', () => {
  const patterns = ['**', '!docs/**', 'docs/keep.md'];
  expect(['a', 'docs/a', 'docs/keep.md'].map((name) => matchesAny(name, patterns))).toEqual([true, false, true]);
  expect(matchesAny('a', ['!b'])).toBe(false);
  expect(matchesAny('a', [])).toBe(false);
});

it('takes no longer for patterns that are made to take for ever', () => {
  const start = process.cpuUsage();
  expect(matchesAny('a'.repeat(1_000), [`${'*a'.repeat(100)}b`])).toBe(false);
  expect(matchesAny('a/'.repeat(2_000), [`${'**/a/'.repeat(40)}b`])).toBe(false);
  expect(process.cpuUsage(start).user / 1_000).toBeLessThan(1_000);
});

describe('a folder', () => {
  it.each<[string, string, boolean]>([
    ['dist/**', 'dist', true],
    ['dist/**', 'dist/a/b', true],
    ['dist/**', 'src', false],
    ['dist/*', 'dist/a', false],
    ['**/*.xml', 'a/b/c', true],
    ['{a,b}/c', 'b', true],
    ['{a,b}/c', 'c', false],
    ['app/[slug]/*', 'app/[slug]', true],
  ])('of %j may hold something in %j: %s', (pattern, folder, expected) => {
    expect(namePattern(pattern).reaches(folder)).toBe(expected);
  });
});

it('takes braces without end as they are', () => {
  expect(matchesAny('x', ['{'.repeat(20_000)])).toBe(false);
  expect(matchesAny('x', [`${'{a,'.repeat(300)}x${'}'.repeat(300)}`])).toBe(false);
  expect(anyOf([`${'{,a}'.repeat(2_000)}b`])(`${'a'.repeat(500)}b`)).toBe(true);
});
