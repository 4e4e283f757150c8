import { expect, it } from 'vitest';
import { gitRecords } from './git-records.js';

async function* inChunks(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}
const records = (text: string, size: number, most = 100) => Array.fromAsync(gitRecords(inChunks(text, size), { end: '\0', most }));

it('gives each text, however it was cut into chunks', async () => {
  for (const size of [1, 2, 3, 7, 100]) {
    expect(await records('one\0\0größe 日本\0last', size)).toEqual(['one', '', 'größe 日本', 'last']);
    expect(await records('one\0', size)).toEqual(['one']);
    expect(await records('', size)).toEqual([]);
  }
});

it('keeps the beginning of a long one, and takes no longer for it than for many short ones', async () => {
  const long = 'x'.repeat(50_000_000);
  const start = process.cpuUsage();
  const found = await records(`${long}\0next\0${long}`, 65_536);
  expect(process.cpuUsage(start).user / 1_000).toBeLessThan(3_000);
  expect(found).toEqual(['x'.repeat(100), 'next', 'x'.repeat(100)]);
});
