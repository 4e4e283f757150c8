import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderBlobStore } from './blob-store.js';

const sha256 = (bytes: string) => createHash('sha256').update(bytes).digest('hex');

describe('the blob folder', () => {
  let folder: string;
  let blobs: FolderBlobStore;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'blobs-'));
    blobs = new FolderBlobStore(folder);
  });
  afterEach(() => rm(folder, { recursive: true }));

  const keys = async () => (await Array.fromAsync(blobs.list('a'))).map(({ key }) => key).sort();
  const unfinished = () => readdir(join(folder, '.unfinished'));

  it('gives back what was put, whole or a range of it', async () => {
    const put = await blobs.put(
      'a/b/one',
      (async function* () {
        yield Buffer.from('hel');
        yield Buffer.from('lo');
      })(),
    );
    expect(put).toEqual({ size: 5, sha256: sha256('hello') });
    expect(String(await blobs.read('a/b/one'))).toBe('hello');
    const range = await blobs.stream('a/b/one', { start: 1, end: 3 });
    expect(range && (await text(range))).toBe('ell');
    expect(await blobs.facts('a/b/one')).toMatchObject({ size: 5 });
    expect(await keys()).toEqual(['a/b/one']);
  });

  it('has nothing where nothing was put, and deletes without complaint', async () => {
    expect(await blobs.read('a/none')).toBeNull();
    expect(await blobs.stream('a/none')).toBeNull();
    expect(await blobs.facts('a/none')).toBeNull();
    await blobs.delete('a/none');
    await blobs.put('a/b/one', Buffer.from('x'));
    await blobs.delete('a/b/one');
    expect(await keys()).toEqual([]);
  });

  it('keeps nothing of a put that is too large, has another digest, or breaks off, and leaves the old blob as it was', async () => {
    await blobs.put('a/one', Buffer.from('old'));
    await expect(blobs.put('a/one', Buffer.from('too much'), { maxBytes: 3 })).rejects.toMatchObject({ code: 'blob_too_large' });
    await expect(blobs.put('a/one', Buffer.from('other'), { sha256: sha256('hello') })).rejects.toMatchObject({
      code: 'blob_digest_mismatch',
    });
    const breaking = (async function* () {
      yield Buffer.from('half');
      throw new Error('cut');
    })();
    await expect(blobs.put('a/one', breaking)).rejects.toThrow('cut');
    expect(String(await blobs.read('a/one'))).toBe('old');
    expect(await unfinished()).toEqual([]);
  });

  it.each(['../x', '/etc/passwd', 'a/../../x', 'a//b', '.unfinished/x', 'a/.hidden', 'a\0b', ''])('takes %j for no key', async (key) => {
    await expect(blobs.put(key, Buffer.from('x'))).rejects.toThrow('is not the key');
  });

  it('survives puts and deletes of neighbours at the same time', async () => {
    await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        await blobs.put(`a/shared/${i}`, Buffer.from(String(i)));
        if (i % 2) await blobs.delete(`a/shared/${i}`);
      }),
    );
    expect(await keys()).toHaveLength(50);
  });

  it('removes what a process that died has left unfinished, but nothing fresh', async () => {
    await blobs.put('a/one', Buffer.from('x'));
    const [old, fresh] = ['old', 'fresh'].map((name) => join(folder, '.unfinished', name)) as [string, string];
    await writeFile(old, 'half');
    await writeFile(fresh, 'half');
    await utimes(old, new Date(0), new Date(0));
    await blobs.removeUnfinished(Date.now());
    expect(await unfinished()).toEqual(['fresh']);
  });
});
