import { describe, expect, it } from 'vitest';
import { endOf, sentences, shorten } from './text.js';

const PIECES = ['a', 'é', '中', '🚀', '👩‍🚀', '\ud83d', '\ude80', '\0', '\n'];

/** The same texts at every run: a linear congruential generator (Numerical Recipes). */
function* texts(count: number): Generator<string> {
  let seed = 1;
  const next = (below: number) => {
    seed = (seed * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((seed / 2 ** 32) * below);
  };
  for (let n = 0; n < count; n++) yield Array.from({ length: next(12) }, () => PIECES[next(PIECES.length)]).join('');
}

describe('shortening a text', () => {
  it('counts code points and cuts none in two', () => {
    expect(shorten('ab🚀cd', 3)).toBe('ab🚀');
    expect(endOf('ab🚀cd', 3)).toBe('🚀cd');
    for (const text of texts(2_000)) {
      const points = [...text];
      for (let most = 0; most <= points.length + 1; most++) {
        expect(shorten(text, most)).toBe(points.slice(0, most).join(''));
        expect(endOf(text, most)).toBe(points.slice(Math.max(0, points.length - most)).join(''));
      }
    }
  });

  it('says so only where something was cut off', () => {
    expect(shorten('🚀🚀', 2, '…')).toBe('🚀🚀');
    expect(shorten('🚀🚀🚀', 2, '…')).toBe('🚀🚀…');
  });

  it('takes no longer for what it cuts off', () => {
    const long = '🚀'.repeat(10_000_000);
    const before = process.cpuUsage();
    for (let n = 0; n < 1_000; n++) shorten(long, 80);
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(200);
  });
});

describe('sentences', () => {
  it('ends each part where it does not end itself, and leaves out what says nothing', () => {
    expect(sentences('told to stop', '6084e8f serves.')).toBe('told to stop. 6084e8f serves.');
    expect(sentences('It exited: no DATABASE_URL\n', 'Nothing is served.')).toBe('It exited: no DATABASE_URL. Nothing is served.');
    expect(sentences('Why?', 'He said "no."', 'It waits …', 'see (a)')).toBe('Why? He said "no." It waits … see (a).');
    expect(sentences(null, '', ' ', undefined, 'One thing:')).toBe('One thing.');
    expect(sentences()).toBe('');
  });

  it('keeps what a program printed apart from what follows', () => {
    expect(sentences('It ended. Its last output:\nlistening\ntold to stop', 'It is removed.', 'Nothing serves.')).toBe(
      'It ended. Its last output:\nlistening\ntold to stop.\nIt is removed.\nNothing serves.',
    );
  });
});
