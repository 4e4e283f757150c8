import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sandbox } from '../sandbox/sandbox.js';
import { frameOf } from '../workspace-program/frames.js';
import { WorkspaceProgram } from './workspace-program.js';

let dir: string;
let program: WorkspaceProgram;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'agent-'));
  program = await WorkspaceProgram.install(dir, { entries: 10, bytes: 1_000 });
});
afterAll(() => rmSync(dir, { recursive: true }));

const message = (content: unknown): Buffer => frameOf('message', Buffer.from(JSON.stringify(content)));
const DONE = message({ kind: 'done', entries: 1, bytes: 2 });

/** A sandbox in which something speaks in the program's place. */
function speaking(stream: Iterable<Buffer>, exit: { code?: number; outOfMemory?: boolean } = {}): Sandbox {
  const run: Sandbox['run'] = async (_, { onOutput }) => {
    for (const bytes of stream) await onOutput(bytes);
    return { code: 0, outOfMemory: false, outOfProcesses: false, left: [], ...exit };
  };
  return { run, inside: ({ target }: { target: string }) => target, baseEnv: () => ({ PATH: '/bin' }) } as unknown as Sandbox;
}

async function hear(sandbox: Sandbox, onData?: (bytes: Uint8Array) => void) {
  const notices: string[] = [];
  const done = await program.run({
    sandbox,
    place: {
      name: 'job-1',
      user: null,
      cwd: '/workspace',
      mounts: [],
      network: { kind: 'slot', slot: 0 },
      exchange: join(dir, 'exchange'),
    },
    request: () => ({ do: 'reports', patterns: [], bounds: { cases: 1, bytes: 1, readMs: 1 } }),
    onData,
    notice: (text) => notices.push(text),
    stop: new AbortController().signal,
  });
  return { done, notices };
}

function* without(end: Buffer): Generator<Buffer> {
  for (;;) yield end;
}

describe('what is heard of the program', () => {
  it('are notices, data and what it came to', async () => {
    let data = '';
    const stream = [message({ kind: 'notice', text: 'hello' }), frameOf('data', Buffer.from('abc')), DONE];
    const { done, notices } = await hear(speaking(stream), (bytes) => {
      data += Buffer.from(bytes);
    });
    expect({ done, notices, data }).toEqual({ done: { kind: 'done', entries: 1, bytes: 2 }, notices: ['hello'], data: 'abc' });
  });

  it('are so many notices and no more', async () => {
    const { notices } = await hear(speaking([...Array(1_000).fill(message({ kind: 'notice', text: 'again' })), DONE]));
    expect(notices).toHaveLength(201);
    expect(notices.at(-1)).toContain('the others are left out');
  });

  it.each<[string, Iterable<Buffer>, string]>([
    ['nothing', [], 'the program ended with exit code 0'],
    ['half a frame', [DONE.subarray(0, 7)], 'the program ended with exit code 0'],
    ['something more after the last message', [DONE, DONE], 'the program continued after its last message'],
    ['data that nobody asked for', [frameOf('data', Buffer.from('abc')), DONE], 'data that nobody asked for'],
    ['JSON that is no message', [message({ kind: 'done' }), DONE], 'something that is not a message'],
    ['no JSON', [frameOf('message', Buffer.from('{')), DONE], 'something that is not a message'],
    ['text', [Buffer.from('Segmentation fault\nmore'), DONE], 'something that is not a message, "Segmentation fault"'],
    ['text without end', without(Buffer.from('a'.repeat(1_000))), 'something that is not a message, "aaa'],
    ['messages without end', without(DONE), 'the program continued after its last message'],
    ['a Node.js without memory', [Buffer.from('\n<--- Last few GCs --->\n\nFATAL ERROR: Reached heap limit')], 'they need too much memory'],
    ['a fault', [message({ kind: 'failed', text: 'no space left' })], 'no space left'],
  ])('is no result when it is %s', async (_, stream, why) => {
    await expect(hear(speaking(stream))).rejects.toMatchObject({ reason: 'sandbox_failed', message: expect.stringContaining(why) });
  });

  it('is no result when the program was ended', async () => {
    await expect(hear(speaking([DONE], { code: 137 }))).rejects.toThrow('exit code 137');
    await expect(hear(speaking([], { code: 137, outOfMemory: true }))).rejects.toThrow('too much memory');
  });
});
