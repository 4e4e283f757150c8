import { describe, expect, it } from 'vitest';
import { readNewsApart, showPayloadApart } from './webhook-thread.js';

const headers = { 'x-github-event': 'push', 'content-type': 'application/json' };
const push = (more: object) =>
  Buffer.from(
    JSON.stringify({ ref: 'refs/heads/main', before: '0'.repeat(40), after: '1'.repeat(40), repository: { full_name: 'a/b' }, ...more }),
  );

describe('payloads of any size', () => {
  it('say the same, read here or in the thread', async () => {
    const small = await readNewsApart('github', headers, push({}));
    expect(small).toMatchObject({ kind: 'refs' });
    expect(
      await readNewsApart(
        'github',
        headers,
        push({ commits: Array.from({ length: 20_000 }, (_, n) => ({ id: n, message: 'x'.repeat(100) })) }),
      ),
    ).toEqual(small);
  });

  it('that are no JSON are told so', async () => {
    expect(await readNewsApart('github', headers, Buffer.from('['.repeat(2_000_000)))).toMatchObject({ kind: 'bad' });
    expect((await showPayloadApart(Buffer.from('x'.repeat(200_000)), null)).text).toHaveLength(200_000);
  });

  it('that are laid out over more than there is memory are shown as they came', async () => {
    const deep = Buffer.from(`[${Array.from({ length: 45 }, () => '['.repeat(3_500) + ']'.repeat(3_500)).join(',')}]`);
    expect((await showPayloadApart(deep, 'application/json')).text).toMatch(/^\[{3501}/);
  });
});
