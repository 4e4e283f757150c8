import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anArchive, type SomeEntry, tarOf } from '../testing/archives.js';
import { Refused } from './messages.ts';
import { unpack } from './unpack.ts';

const before = process.cwd();
let dir: string;
let out: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'slipway-archive-'));
  out = join(dir, 'out/in');
  mkdirSync(out, { recursive: true });
  process.chdir(out);
});
afterEach(() => {
  process.chdir(before);
  rmSync(dir, { recursive: true, force: true });
});

const BOUNDS = { entries: 1_000, bytes: 1_000_000 };

async function unpackBytes(bytes: Buffer, { bounds = BOUNDS, readOnly = false } = {}): Promise<void> {
  const archive = join(dir, 'archive');
  writeFileSync(archive, bytes);
  await unpack({ do: 'unpack', archive, bounds, readOnly }, () => {});
}
const unpackEntries = (entries: SomeEntry[], options = {}): Promise<void> => unpackBytes(anArchive(entries), options);
const folder = (path: string): SomeEntry => ({ path, kind: 'folder' });
const link = (path: string, target: string): SomeEntry => ({ path, kind: 'link', target });
const hardLink = (path: string, target: string): SomeEntry => ({ path, kind: 'hard link', target });
const text = (path: string): string => readFileSync(join(out, path), 'utf8');

/** The archive of these entries, with something else in a header. */
function withHeader(entries: SomeEntry[], change: (header: Buffer) => void): Buffer {
  const tar = tarOf(entries);
  change(tar);
  tar.write('        ', 148, 'latin1');
  const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return zstdCompressSync(tar);
}

describe('an archive', () => {
  it('is unpacked with its files, folders, modes, and links that stay inside', async () => {
    await unpackEntries([
      folder('bin'),
      { path: 'lib/app.js', text: 'hello', mode: 0o755 },
      link('bin/app', '../lib/app.js'),
      hardLink('copy.js', 'lib/app.js'),
      { path: `${'long/'.repeat(40)}name`, text: 'deep' },
      { path: './dotted', text: 'dot' },
      { path: '日本 @scope a:b', text: 'name' },
    ]);
    expect([text('bin/app'), text('copy.js'), text(`${'long/'.repeat(40)}name`), text('dotted'), text('日本 @scope a:b')]).toEqual([
      'hello',
      'hello',
      'deep',
      'dot',
      'name',
    ]);
    expect(statSync(join(out, 'lib/app.js')).mode & 0o777).toBe(0o755);
  });

  it('keeps apart what differs in case alone', async () => {
    await unpackEntries([
      { path: 'README', text: 'a' },
      { path: 'readme', text: 'b' },
    ]);
    expect(text('README') + text('readme')).toBe('ab');
  });

  it('can be unpacked for nobody to change', async () => {
    await unpackEntries([{ path: 'd/x', text: 'x', mode: 0o700 }, { path: 'd/y' }], { readOnly: true });
    expect([statSync(join(out, 'd')), statSync(join(out, 'd/x')), statSync(join(out, 'd/y'))].map(({ mode }) => mode & 0o777)).toEqual([
      0o755, 0o555, 0o444,
    ]);
  });

  it('gives no program the rights of its owner', async () => {
    await unpackBytes(withHeader([{ path: 'x' }], (header) => header.write('0006777', 100, 'latin1')));
    expect(statSync(join(out, 'x')).mode & 0o7777).toBe(0o755);
  });

  it('replaces files that are there, and writes through no link that is', async () => {
    writeFileSync(join(dir, 'evil'), 'safe');
    writeFileSync(join(out, 'file'), 'old');
    symlinkSync('../../evil', join(out, 'link'));
    await unpackEntries([
      { path: 'file', text: 'new' },
      { path: 'link', text: 'new' },
    ]);
    expect([text('file'), text('link'), readFileSync(join(dir, 'evil'), 'utf8')]).toEqual(['new', 'new', 'safe']);
    symlinkSync('../..', join(out, 'up'));
    await expect(unpackEntries([{ path: 'up/evil', text: 'x' }])).rejects.toThrow(
      '"up" should be a folder, but something else is already here',
    );
    expect(readFileSync(join(dir, 'evil'), 'utf8')).toBe('safe');
  });
});

describe('a hostile archive is refused as a whole, with the reason', () => {
  const hostile: [string, SomeEntry[]][] = [
    ['outside', [{ path: '../evil', text: 'x' }]],
    ['outside', [{ path: 'a/../../evil', text: 'x' }]],
    ['outside', [{ path: 'a/..', text: 'x' }]],
    ['outside', [{ path: '/tmp/slipway-evil', text: 'x' }]],
    ['outside', [{ path: '//tmp/slipway-evil', text: 'x' }]],
    ['no name', [{ path: '', text: 'x' }]],
    ['no name', [{ path: '.', text: 'x' }]],
    ['written in a way', [{ path: 'a//b', text: 'x' }]],
    ['written in a way', [{ path: 'a/./b', text: 'x' }]],
    ['leads outside', [link('link', '/etc/passwd')]],
    ['leads outside', [link('a/link', '../../..')]],
    ['leads outside', [link('a/link', '../..')]],
    ['leads outside', [link('link', '')]],
    ['leads outside', [hardLink('link', '../archive')]],
    ['leads outside', [hardLink('link', '/etc/passwd')]],
    ['leads outside', [hardLink('link', 'later'), { path: 'later', text: 'x' }]],
    ['leads outside', [link('one', 'x'), hardLink('two', 'one')]],
    ['leads outside', [link('here', '.'), link('up', 'here/..')]],
    ['not a folder', [link('here', '.'), { path: 'here/evil', text: 'x' }]],
    ['not a folder', [{ path: 'file' }, { path: 'file/evil', text: 'x' }]],
    ['twice', [{ path: 'here/x' }, link('here', '.')]],
    ['twice', [{ path: 'a' }, { path: 'a' }]],
    ['twice', [{ path: 'a' }, { path: './a' }]],
    ['twice', [folder('a'), { path: 'a' }]],
    ['control characters', [{ path: 'a\rb', text: 'x' }]],
    ['control characters', [{ path: 'a\nb', text: 'x' }]],
    ['control characters', [{ path: `${'n'.repeat(120)}\u001b[2J`, text: 'x' }]],
    ['control characters', [{ path: `${'n'.repeat(120)}\0/etc`, text: 'x' }]],
    ['more than 4000 bytes', [{ path: 'n'.repeat(5_000), text: 'x' }]],
    ['more than 255 bytes', [{ path: 'n'.repeat(256), text: 'x' }]],
    ['folders deep', [folder('d/'.repeat(300))]],
    ['folders deep', [{ path: `${'d/'.repeat(300)}x`, text: 'x' }]],
  ];
  it.each(hostile)('%s (case %#)', async (why, entries) => {
    await expect(unpackEntries([{ path: 'good', text: 'good' }, ...entries])).rejects.toThrow(why);
    await expect(unpackEntries(entries)).rejects.toThrow(Refused);
    expect(readdirSync(out)).toEqual([]);
    expect(readdirSync(dir).sort()).toEqual(['archive', 'out']);
    expect(() => statSync('/tmp/slipway-evil')).toThrow();
  });

  const type = (letter: string) => withHeader([{ path: 'x' }], (header) => header.write(letter, 156, 'latin1'));
  it.each([
    ['neither', type('3')],
    ['neither', type('4')],
    ['neither', type('6')],
    ['sparse', type('S')],
    ['unknown kind', type('Z')],
    ['not a file has content', withHeader([folder('x')], (header) => header.write('00000001000', 124, 'latin1'))],
    ["can't be read", withHeader([{ path: 'x' }], (header) => header.write('9'.repeat(11), 124, 'latin1'))],
    ['too large', withHeader([{ path: 'x' }], (header) => header.fill(0xff, 125, 136) && header.writeUInt8(0x80, 124))],
    ['checksum', zstdCompressSync(Buffer.concat([Buffer.from('x'), Buffer.alloc(511)]))],
    ['end is missing', zstdCompressSync(tarOf([{ path: 'a' }]).subarray(0, 512))],
    ['end is missing', zstdCompressSync(Buffer.alloc(0))],
    ['', Buffer.from('no archive at all')],
    ['', anArchive([{ path: 'a', text: 'x'.repeat(10_000) }]).subarray(0, 40)],
  ])('%s (bytes, case %#)', async (why, bytes) => {
    await expect(unpackBytes(bytes)).rejects.toThrow(why);
    await expect(unpackBytes(bytes)).rejects.toThrow(Refused);
    expect(readdirSync(out)).toEqual([]);
  });

  it('when it has more entries or bytes than allowed, and says what to do', async () => {
    const many = Array.from({ length: 11 }, (_, n) => ({ path: `f${n}` }));
    await expect(unpackEntries(many, { bounds: { entries: 10, bytes: 1_000 } })).rejects.toThrow(/more than 10 entries\. Pack them/);
    const bomb = [{ path: 'bomb', size: 1_000_000_000 }];
    await expect(unpackEntries(bomb, { bounds: { entries: 10, bytes: 1_000 } })).rejects.toThrow(
      /953\.7 MiB, but only 1000 bytes are allowed \("bomb" alone.*SLIPWAY_MAX_UNPACKED_MIB/,
    );
    const long = zstdCompressSync(Buffer.alloc(8_000_000));
    await expect(unpackBytes(long, { bounds: { entries: 10, bytes: 1_000 } })).rejects.toThrow('it is longer than');
  });

  it('when a folder of the machine is in its way', async () => {
    mkdirSync(join(out, 'a'));
    chmodSync(join(out, 'a'), 0o700);
    await expect(unpackEntries([{ path: 'a', text: 'x' }])).rejects.toThrow('"a" is already a folder here');
    await unpackEntries([link('l', 'a')]);
    expect(readlinkSync(join(out, 'l'))).toBe('a');
  });
});
