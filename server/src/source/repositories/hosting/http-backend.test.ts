import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '../../../platform/ids.js';
import { type TestDatabase, testDatabase } from '../../../testing/database.js';
import { hosting } from '../testing/hosted.js';
import { HttpBackend } from './http-backend.js';

let db: TestDatabase;
let hosted: Awaited<ReturnType<typeof hosting>>;

beforeAll(async () => {
  db = await testDatabase();
  hosted = await hosting({ db });
});
afterAll(async () => {
  await hosted.remove();
  await db.close();
});

it('ends when its input does, though less came than the request said: a killed server leaves no git that waits for ever', async () => {
  const id = newId();
  await hosted.store.init(id);
  const headers = { 'content-type': 'application/x-git-receive-pack-request', 'content-length': '1000' };
  const request = Object.assign(new PassThrough(), { method: 'POST', headers });
  const backend = new HttpBackend(request as unknown as IncomingMessage, {
    root: hosted.store.root,
    path: `/${id}.git/git-receive-pack`,
    query: '',
    user: 'ada',
    address: '127.0.0.1',
    ...hosted.store.serving(null, { anySha: false, rules: [], pushedPage: '' }),
  });
  try {
    request.end('0032want');
    const ended = await Promise.race([backend.ended, new Promise((resolve) => setTimeout(resolve, 5_000, 'still there'))]);
    expect(ended).not.toBe('still there');
  } finally {
    backend.stop();
  }
});
