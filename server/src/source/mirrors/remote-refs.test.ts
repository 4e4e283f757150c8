import { describe, expect, it } from 'vitest';
import { changesBetween, inTransactions, parseListing, updateRefInput } from './remote-refs.js';

const [A, B, ZERO] = ['a'.repeat(40), 'b'.repeat(40), '0'.repeat(40)];

describe('refs at a host', () => {
  it('are its branches and tags, each tag as the object that it names', async () => {
    const listing = [
      `${A}\tHEAD`,
      `${A}\trefs/heads/größe-日本`,
      `${A}\trefs/pull/1/head`,
      `${A}\trefs/tags/v1`,
      `${B}\trefs/tags/v1^{}`,
      '',
    ].join('\n');
    expect([...(await parseListing(listing)).refs]).toEqual([
      ['refs/heads/größe-日本', A],
      ['refs/tags/v1', A],
    ]);
  });

  it.each([
    'a b',
    'a..b',
    '.a',
    'a.lock',
    'a/.b',
    'a//b',
    'a~1',
    'a^',
    'a:b',
    'a?',
    'a*',
    'a[',
    'a\\b',
    'a@{1}',
    'a.',
    'a/',
    '\u0001',
    'x'.repeat(1_000),
    '\uFFFD',
  ])('leave out the name %j, which a host could only give to do harm', async (name) => {
    const ref = `refs/heads/${name}`;
    const { refs, head, leftOut } = await parseListing(`ref: ${ref}\tHEAD\n${A}\t${ref}\n${A}\trefs/tags/${name}\n${A}\trefs/pull/1/head`);
    expect([refs.size, head, leftOut]).toEqual([0, null, { count: 2, example: ref }]);
  });

  it('tell the default branch', async () => {
    expect((await parseListing(`ref: refs/heads/trunk\tHEAD\n${A}\tHEAD`)).head).toBe('trunk');
    expect((await parseListing(`${A}\tHEAD`)).head).toBeNull();
  });

  it('may hold any blank but that of ASCII', async () => {
    const names = ['\u00a0', '\u2003', '\u3000'].map((blank) => `refs/heads/a${blank}b`);
    const { refs } = await parseListing(names.map((name) => `${A}\t${name}`).join('\n'));
    expect([...refs.keys()]).toEqual(names);
  });
});

describe('what has to move', () => {
  it('is made, moved or deleted, from the sha that is here', () => {
    const here = new Map([
      ['refs/heads/same', A],
      ['refs/heads/moved', A],
      ['refs/heads/gone', A],
    ]);
    const there = new Map([
      ['refs/heads/same', A],
      ['refs/heads/moved', B],
      ['refs/heads/new', B],
    ]);
    const changes = changesBetween(here, there);
    expect(changes).toEqual([
      { ref: 'refs/heads/moved', oldSha: A, newSha: B },
      { ref: 'refs/heads/new', oldSha: ZERO, newSha: B },
      { ref: 'refs/heads/gone', oldSha: A, newSha: ZERO },
    ]);
    expect(updateRefInput(changes)).toBe(
      `start\nupdate refs/heads/moved ${B} ${A}\ncreate refs/heads/new ${B}\ndelete refs/heads/gone ${A}\nprepare\ncommit\n`,
    );
    expect(inTransactions(changes)).toEqual([changes]);
    expect(inTransactions([])).toEqual([]);
  });

  it.each([
    ['refs/heads/a', 'refs/heads/a/b'],
    ['refs/heads/a/b/c', 'refs/heads/a'],
  ])('is deleted first when %s makes room for %s', (old, made) => {
    const changes = changesBetween(new Map([[old, A]]), new Map([[made, A]]));
    expect(inTransactions(changes)).toEqual([[{ ref: old, oldSha: A, newSha: ZERO }], [{ ref: made, oldSha: ZERO, newSha: A }]]);
  });

  it('take no longer for names of a thousand folders', () => {
    const refs = (top: string) => Array.from({ length: 10_000 }, (_, n) => [`refs/heads/${top}${'/x'.repeat(480)}${n}`, A] as const);
    const changes = changesBetween(new Map(refs('a')), new Map(refs('b')));
    const start = process.cpuUsage();
    expect(inTransactions(changes)).toEqual([changes]);
    expect(process.cpuUsage(start).user / 1_000).toBeLessThan(2_000);
  });
});
