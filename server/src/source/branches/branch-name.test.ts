import { describe, expect, it } from 'vitest';
import { runGit } from '../../platform/git.js';
import { isBranchName } from './branch-name.js';

const GOOD = [
  'main',
  'feature/login',
  'größe-日本-✓',
  'a.b',
  'a-',
  '@a',
  'x@y',
  'release/1.0',
  "it's",
  'a;b',
  '$(x)',
  '%00',
  'a'.repeat(200),
];
const BAD = [
  '',
  '-',
  '-d',
  '--force',
  'a b',
  'a..b',
  'a~1',
  'a^',
  'a:b',
  'a?',
  'a*',
  'a[b',
  'a\\b',
  '.a',
  'a/.b',
  'a.lock',
  'a.lock/b',
  '/a',
  'a/',
  'a//b',
  'a.',
  'a@{1}',
  '@{-1}',
  'a\nb',
  'a\0b',
  'a\x7f',
  'HEAD',
];
const STRICTER = ['@', 'a'.repeat(201), '日'.repeat(67), 'refs/heads/a', '0'.repeat(40), 'ab'.repeat(32), 'a\u2028b', 'a\u0085b', '\ud800'];

const gitTakes = async (name: string) =>
  runGit(['check-ref-format', '--branch', name]).then(
    (said) => said.trim() === name,
    () => false,
  );

describe('names of branches', () => {
  it.each(GOOD)('may be %j, as Git says too', async (name) => {
    expect(isBranchName(name)).toBe(true);
    expect(await gitTakes(name)).toBe(true);
  });

  it.each(BAD)('may not be %j, as Git says too', async (name) => {
    expect(isBranchName(name)).toBe(false);
    if (!name.includes('\0')) expect(await gitTakes(name)).toBe(false);
  });

  it.each(STRICTER)('may not be %j, though Git would', (name) => expect(isBranchName(name)).toBe(false));
});
