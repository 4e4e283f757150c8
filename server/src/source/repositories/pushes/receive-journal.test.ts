import { describe, expect, it } from 'vitest';
import { processorMs } from '../../../testing/processor-time.js';
import { parseJournal } from './receive-journal.js';

const [zero, a, b, c] = ['0', 'a', 'b', 'c'].map((digit) => digit.repeat(40)) as [string, string, string, string];
const line = (process: string, old: string, now: string, ref = 'refs/heads/main') =>
  `P ${process} 1700000000 slipway ${old} ${now} ${ref}\n`;
const outcomes = (text: string) => parseJournal(Buffer.from(text), 0).entries.map(({ newSha, outcome }) => `${newSha[0]} ${outcome}`);

describe('the receive journal', () => {
  it('believes the marks', () => {
    expect(outcomes(`\n${line('1:1', zero, a)}\nC 1:1\n\n${line('2:1', a, b)}\nA 2:1\n`)).toEqual(['a happened', 'b aborted']);
  });

  it('tells apart pushes at the same time whose lines mix', () => {
    const text = `${line('1:1', zero, a, 'refs/heads/x') + line('2:1', zero, b, 'refs/heads/y')}A 1:1\nC 2:1\n`;
    expect(outcomes(text)).toEqual(['a aborted', 'b happened']);
  });

  it('learns from the next update of a ref what became of one without a mark', () => {
    expect(outcomes(`${line('1:1', zero, a) + line('2:1', a, b)}C 2:1\n`)).toEqual(['a happened', 'b happened']);
    expect(outcomes(`${line('1:1', zero, a) + line('2:1', zero, c)}C 2:1\n`)).toEqual(['a aborted', 'c happened']);
  });

  it('leaves the last update without a mark open', () => {
    expect(outcomes(`${line('1:1', zero, a)}C 1:1\n${line('1:1', a, b)}`)).toEqual(['a happened', 'b unknown']);
  });

  it('passes over half a line that a power cut left, and reads whole lines only', () => {
    const torn = `P 1:1 1700000000 slipway ${zero} aaa`;
    expect(outcomes(`${torn}\n${line('2:1', zero, b)}C 2:1\n`)).toEqual(['b happened']);
    const { end } = parseJournal(Buffer.from(`${line('2:1', zero, b)}C 2:`), 100);
    expect(end).toBe(100 + line('2:1', zero, b).length);
  });

  it('gives offsets in bytes, whatever the names of branches', () => {
    const first = line('1:1', zero, a, 'refs/heads/größe-日本');
    const [, second] = parseJournal(Buffer.from(first + line('1:1', a, b)), 7).entries;
    expect(second?.offset).toBe(7 + Buffer.byteLength(first));
  });

  it('takes no longer for each of many refs of one push', () => {
    const lines = Array.from({ length: 100_000 }, (_, n) => line('1:1', zero, a, `refs/heads/b/${n}`));
    const start = processorMs();
    expect(outcomes(`${lines.join('')}\nC 1:1\n`)).toHaveLength(100_000);
    expect(processorMs() - start).toBeLessThan(2_000);
  });
});
