import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { Header, Pax } from 'tar';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HostileArchive, USUAL_BOUNDS, unpackArchive } from './unpack-archive.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-archive-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

type Entry = {
  path: string;
  type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'FIFO' | 'CharacterDevice';
  linkpath?: string;
  text?: string;
  size?: number;
};

/** Entries as they are given, hostile or not. */
function tarOf(entries: Entry[]): Buffer {
  const blocks = entries.flatMap(({ path, type = 'File', linkpath, text = '', size = text.length }) => {
    const pax = path.length > 100 ? [new Pax({ path }).encode()] : [];
    const header = Buffer.alloc(512);
    new Header({ path: path.slice(0, 100), type, linkpath, size, mode: type === 'Directory' ? 0o755 : 0o644, mtime: new Date(0) }).encode(
      header,
    );
    const body = Buffer.alloc(Math.ceil(text.length / 512) * 512);
    body.write(text);
    return [...pax, header, body];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

async function unpack(entries: Entry[], bounds = USUAL_BOUNDS) {
  const file = join(dir, 'archive.tar.zst');
  await writeFile(file, zstdCompressSync(tarOf(entries)));
  await unpackArchive(file, join(dir, 'out', 'in'), bounds, { fresh: true });
}

describe('unpackArchive', () => {
  it('unpacks files, folders and links that stay inside', async () => {
    await unpack([
      { path: 'bin/', type: 'Directory' },
      { path: 'lib/app.js', text: 'hello' },
      { path: 'bin/app', type: 'SymbolicLink', linkpath: '../lib/app.js' },
      { path: 'copy.js', type: 'Link', linkpath: 'lib/app.js' },
      { path: `${'long/'.repeat(40)}name`, text: 'deep' },
    ]);
    expect(await readFile(join(dir, 'out/in/bin/app'), 'utf8')).toBe('hello');
    expect(await readFile(join(dir, 'out/in/copy.js'), 'utf8')).toBe('hello');
    expect(await readFile(join(dir, `out/in/${'long/'.repeat(40)}name`), 'utf8')).toBe('deep');
  });

  const hostile: [string, Entry[]][] = [
    ['outside', [{ path: '../evil', text: 'x' }]],
    ['outside', [{ path: 'a/../../evil', text: 'x' }]],
    ['outside', [{ path: '/tmp/slipway-evil', text: 'x' }]],
    ['leads outside', [{ path: 'link', type: 'SymbolicLink', linkpath: '/etc/passwd' }]],
    ['leads outside', [{ path: 'a/link', type: 'SymbolicLink', linkpath: '../../..' }]],
    ['leads outside', [{ path: 'link', type: 'Link', linkpath: '../archive.tar.zst' }]],
    [
      'leads outside',
      [
        { path: 'here', type: 'SymbolicLink', linkpath: '.' },
        { path: 'up', type: 'SymbolicLink', linkpath: 'here/..' },
      ],
    ],
    ['neither', [{ path: 'pipe', type: 'FIFO' }]],
    ['neither', [{ path: 'device', type: 'CharacterDevice' }]],
    ['control characters', [{ path: 'a\rb', text: 'x' }]],
    ['longer than', [{ path: 'n'.repeat(5_000), text: 'x' }]],
  ];
  it.each(hostile)('refuses the whole archive, saying why (%s, case %#)', async (why, entries) => {
    await expect(unpack([{ path: 'good', text: 'good' }, ...entries])).rejects.toThrow(why);
    await expect(unpack(entries)).rejects.toThrow(HostileArchive);
    expect(await readdir(dir)).not.toContain('evil');
    await expect(stat(join(dir, 'out/in'))).rejects.toThrow();
    await expect(stat('/tmp/slipway-evil')).rejects.toThrow();
  });

  it('writes nothing through a link that the archive made before', async () => {
    await expect(
      unpack([
        { path: 'here', type: 'SymbolicLink', linkpath: '.' },
        { path: 'here/../../evil', text: 'x' },
      ]),
    ).rejects.toThrow(HostileArchive);
    expect(await readdir(dir)).toEqual(['archive.tar.zst']);
  });

  it('refuses more entries or bytes than allowed, before they are written', async () => {
    const many = Array.from({ length: 11 }, (_, n) => ({ path: `f${n}` }));
    await expect(unpack(many, { maxEntries: 10, maxBytes: 1000 })).rejects.toThrow('more than 10 entries');
    await expect(unpack([{ path: 'bomb', size: 1_000_000_000 }], { maxEntries: 10, maxBytes: 1000 })).rejects.toThrow(
      'more than 1000 bytes',
    );
  });

  it('says that an archive is broken when it is', async () => {
    const file = join(dir, 'archive.tar.zst');
    await writeFile(file, zstdCompressSync(tarOf([{ path: 'a', text: 'x'.repeat(100_000) }])).subarray(0, 40));
    await expect(unpackArchive(file, join(dir, 'out'))).rejects.toThrow();
  });
});
