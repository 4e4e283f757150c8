import { expect, it } from 'vitest';
import { byDay } from './by-day.ts';
import { comparedOf } from './compared.ts';
import { patchLines } from './patch-lines.ts';

it('numbers the lines of a diff on both sides, anew in each part', () => {
  const lines = patchLines('@@ -1,2 +1,2 @@ head\n one\n-two\n+zwei\n@@ -9 +9,2 @@\n nine\n+ten\n\\ No newline at end of file\n');
  expect(lines.map(({ kind, oldNumber, newNumber, text }) => [kind, oldNumber, newNumber, text])).toEqual([
    ['hunk', undefined, undefined, '@@ -1,2 +1,2 @@ head'],
    ['context', 1, 1, 'one'],
    ['removed', 2, undefined, 'two'],
    ['added', undefined, 2, 'zwei'],
    ['hunk', undefined, undefined, '@@ -9 +9,2 @@'],
    ['context', 9, 9, 'nine'],
    ['added', undefined, 10, 'ten'],
    ['note', undefined, undefined, 'No newline at end of file'],
  ]);
});

it('takes a line that begins with two signs for what it is', () => {
  expect(patchLines('@@ -1 +1 @@\n--- a\n+++ b').map(({ kind, text }) => [kind, text])).toEqual([
    ['hunk', '@@ -1 +1 @@'],
    ['removed', '-- a'],
    ['added', '++ b'],
  ]);
});

it('compares one name alone with the default branch', () => {
  expect(comparedOf('main...feature/a', 'trunk')).toEqual({ base: 'main', head: 'feature/a' });
  expect(comparedOf('feature/a', 'trunk')).toEqual({ base: 'trunk', head: 'feature/a' });
  expect(comparedOf('...feature/a', 'trunk')).toEqual({ base: 'trunk', head: 'feature/a' });
});

it('begins a day anew when commits go back to it, so that their order stays', () => {
  const at = (committedAt: string) => ({ committedAt });
  const days = byDay([at('2026-03-02T12:00:00'), at('2026-03-02T11:00:00'), at('2026-03-01T12:00:00'), at('2026-03-02T10:00:00')]);
  expect(days.map((each) => each.commits.length)).toEqual([2, 1, 1]);
});
