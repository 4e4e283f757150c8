import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { logDownload } from './log-download.routes.js';

describe('the log as text', () => {
  const app = fastify();
  app.register(
    logDownload({
      authorise: async () => {},
      logs: {
        download: async () =>
          (async function* () {
            yield '\x1b[1;31mred\x1b[0m\n\x1b]8;;https://example.org\x07a link\x1b]8;;\x07\n';
            yield '\x1b[38;5;208mü\x1b[K';
          })(),
      },
    }),
  );
  const get = (query: string) => app.inject(`/api/logs/0198f3c2.txt${query}`);

  it('has the escape sequences that were printed, or none', async () => {
    expect((await get('')).body).toBe('\x1b[1;31mred\x1b[0m\n\x1b]8;;https://example.org\x07a link\x1b]8;;\x07\n\x1b[38;5;208mü\x1b[K');
    expect((await get('?escapes=none')).body).toBe('red\na link\nü');
  });

  it('refuses what it does not know', async () => {
    expect((await get('?escapes=html')).statusCode).not.toBe(200);
    expect((await get('?escapes=none&escapes=none')).statusCode).not.toBe(200);
  });
});
