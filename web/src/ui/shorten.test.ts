import { describe, expect, it } from 'vitest';
import { shorten } from './shorten.ts';

describe('shortening a text on the page', () => {
  it('keeps what people see as one character whole', () => {
    expect(shorten('a👩‍🚀b', 2)).toBe('a👩‍🚀');
    expect(shorten('e\u0301e\u0301', 1)).toBe('e\u0301');
    expect(shorten('🇩🇪🇫🇷', 1)).toBe('🇩🇪');
  });

  it('leaves a text that fits as it is', () => {
    expect(shorten('', 1)).toBe('');
    expect(shorten('👩‍🚀', 1)).toBe('👩‍🚀');
    expect(shorten('abc', 3)).toBe('abc');
  });

  it('shortens a pile of marks further, and cuts none in two', () => {
    const pile = `${'e'.padEnd(1_000, '\u0301')}🚀`;
    expect(shorten(`a${pile}`, 10)).toBe('a');
    expect(shorten(`a${pile}`, 100)).toBe(`a${pile}`);
  });

  it('takes no longer for what it cuts off', () => {
    const long = '🚀'.repeat(2_000_000);
    const before = process.cpuUsage();
    for (let n = 0; n < 100; n++) shorten(long, 80);
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(500);
  });
});
