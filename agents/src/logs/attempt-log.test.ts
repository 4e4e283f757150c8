import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeLogChunk, LOG_COMPLETE, LOG_HEADERS, type LogChunk, macMatches } from '@slipway/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type AttemptLog, type AttemptLogOptions, openAttemptLog } from './attempt-log.js';

const KIB = 1024;

/** Takes what a tail would take: in order, each once. */
class FakeStream {
  readonly chunks: LogChunk[] = [];
  published = 0;
  /** Called for each publish; may reject or delay. `stored` false: lost on the way. */
  behave: (n: number, published: number) => Promise<{ stored: boolean; acknowledged: boolean }> = async () => ({
    stored: true,
    acknowledged: true,
  });

  publish = async (_subject: string, body: Uint8Array) => {
    const chunk = decodeLogChunk(body);
    const { stored, acknowledged } = await this.behave(chunk.n, this.published++);
    if (stored && chunk.n === this.chunks.length) this.chunks.push(chunk);
    if (!acknowledged) throw new Error('no acknowledgement');
  };

  /** Lines as a reader puts them together; checks that numbers and flags fit. */
  lines(): string[] {
    const lines: string[] = [];
    let open = false;
    for (const { firstLine, startsInsideLine, endsInsideLine, times, text } of this.chunks) {
      expect(startsInsideLine).toBe(open);
      expect(firstLine).toBe(lines.length - (open ? 1 : 0));
      if (times.length === 0) continue;
      const pieces = text.split('\n');
      expect(pieces).toHaveLength(times.length);
      if (open) lines.push(`${lines.pop()}${pieces.shift()}`);
      lines.push(...pieces);
      open = endsInsideLine;
    }
    return lines;
  }
}

describe('the log of an attempt', () => {
  let spoolDir: string;
  let stream: FakeStream;
  let log: AttemptLog;
  const key = Buffer.from('key');

  const open = async (options: Partial<AttemptLogOptions> = {}) => {
    log = await openAttemptLog({
      attempt: 'attempt',
      number: 7,
      key,
      agentId: 'agent',
      secrets: [],
      limits: { maxLineBytes: 64 * KIB, maxBytes: 1024 * 1024 * KIB },
      spoolDir,
      publish: stream.publish,
      ...options,
    });
  };
  const write = (text: string | Buffer) => log.write(Buffer.from(text));

  beforeEach(async () => {
    spoolDir = await mkdtemp(join(tmpdir(), 'spool-'));
    stream = new FakeStream();
  });
  afterEach(async () => {
    await log.close();
    await rm(spoolDir, { recursive: true });
  });

  it('publishes the first output at once, and gathers the rest until the acknowledgement', async () => {
    const acknowledge = Promise.withResolvers<void>();
    stream.behave = async (n) => {
      if (n === 0) await acknowledge.promise;
      return { stored: true, acknowledged: true };
    };
    await open();
    write('a\n');
    await settled();
    for (let i = 0; i < 100; i++) write(`${i}\n`);
    await settled();
    expect(stream.published).toBe(1);
    acknowledge.resolve();
    await settled();
    expect(stream.chunks.map((chunk) => chunk.times.length)).toEqual([1, 100]);
  });

  it('numbers lines and chunks, and puts marks and notices between lines', async () => {
    await open({ now: () => 5000 });
    expect(log.mark({ kind: 'step', index: 0, name: 'build' })).toBe(0);
    write('one\ntwo\nunfinished');
    expect(log.mark({ kind: 'step_end', index: 0, exitCode: 1, durationMs: 3 })).toBe(3);
    log.notice('The agent says\nso.');
    write('last');
    expect(await log.end()).toEqual({ lastChunk: stream.chunks.length - 1, lines: 6 });
    expect(stream.lines()).toEqual(['one', 'two', 'unfinished', 'The agent says', 'so.', 'last']);
    expect(stream.chunks.flatMap((chunk) => chunk.marks)).toEqual([
      { kind: 'step', line: 0, index: 0, name: 'build' },
      { kind: 'step_end', line: 3, index: 0, exitCode: 1, durationMs: 3 },
      { kind: 'notice', line: 3 },
      { kind: 'notice', line: 4 },
    ]);
    expect(stream.chunks.flatMap((chunk) => chunk.times)).toSatisfy((times: number[]) => times.every((time) => time === 5000));
    expect(stream.chunks.at(-1)?.last).toBe(true);
  });

  it('signs each chunk for its subject, attempt and number', async () => {
    const sent: { subject: string; headers: Record<string, string> }[] = [];
    await open({ publish: async (subject, _body, headers) => void sent.push({ subject, headers }) });
    write('line\n');
    await log.end();
    expect(sent).toHaveLength(2);
    for (const [n, { subject, headers }] of sent.entries()) {
      expect(subject).toBe('logs.agent.attempt');
      expect(headers).toMatchObject({ [LOG_HEADERS.attempt]: '7', [LOG_HEADERS.n]: String(n) });
      expect(macMatches(headers[LOG_HEADERS.mac] ?? '', key, subject, 7, n)).toBe(true);
    }
  });

  it('keeps every line, in order and once, when chunks and acknowledgements are lost', async () => {
    let dice = 1;
    stream.behave = async () => {
      dice = (dice * 48271) % 2147483647;
      return { stored: dice % 10 !== 0, acknowledged: dice % 10 !== 0 && dice % 7 !== 0 };
    };
    await open();
    const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i} ${'x'.repeat(i % 90)}`);
    for (const line of lines) await write(`${line}\n`);
    await log.end();
    await until(() => stream.chunks.at(-1)?.last === true);
    expect(stream.lines()).toEqual(lines);
  });

  it('takes everything while the stream is away, and sends it afterwards', async () => {
    let away = true;
    stream.behave = async () => ({ stored: !away, acknowledged: !away });
    await open();
    const line = 'y'.repeat(99);
    for (let i = 0; i < 200_000; i++) await write(`${line}\n`);
    away = false;
    await log.end();
    await until(() => stream.chunks.at(-1)?.last === true);
    expect(stream.lines()).toHaveLength(200_000);
  });

  it('sends again from a chunk on demand, until it is sealed', async () => {
    await open();
    for (let i = 0; i < 50; i++) {
      write(`${i}\n`);
      await settled();
    }
    const { lastChunk } = await log.end();
    const before = stream.published;
    log.resend(10);
    await until(() => stream.published === before + lastChunk + 1 - 10);
    expect(await readdir(join(spoolDir, 'attempt'))).not.toEqual([]);
    log.sealed(lastChunk);
    await log.done;
    expect(await readdir(spoolDir)).toEqual([]);
  });

  it('takes nothing more once the server wants nothing more', async () => {
    await open();
    write('given up\n');
    await settled();
    log.sealed(LOG_COMPLETE);
    await log.done;
    write('nobody reads this\n');
    expect(await log.end()).toEqual({ lastChunk: 0, lines: 1 });
    expect(await readdir(spoolDir)).toEqual([]);
  });

  it('cuts a long line and says so, and goes on with the next', async () => {
    await open({ limits: { maxLineBytes: 100, maxBytes: KIB * KIB } });
    write('ä'.repeat(1000));
    write(`${'b'.repeat(10_000)}\nnext\n`);
    await log.end();
    expect(stream.lines()).toEqual([`${'ä'.repeat(50)} … [line cut: it is longer than 100 bytes]`, 'next']);
  });

  it('takes a line of 10 MB in bounded chunks', async () => {
    const sizes: number[] = [];
    await open({
      publish: async (subject, body) => {
        sizes.push(body.length);
        await stream.publish(subject, body);
      },
    });
    for (let i = 0; i < 160; i++) await write(Buffer.alloc(64 * KIB, 'z'));
    write('\nnext\n');
    await log.end();
    const [long, next] = stream.lines();
    expect(long).toBe(`${'z'.repeat(64 * KIB)} … [line cut: it is longer than 64 KiB]`);
    expect(next).toBe('next');
    expect(Math.max(...sizes)).toBeLessThan(140 * KIB);
  });

  it('keeps the last text of a progress bar, sends few of its states, and cuts none of them', async () => {
    await open({ limits: { maxLineBytes: KIB, maxBytes: 100 * KIB } });
    for (let i = 1; i <= 5_000; i++) {
      write(`\r${i} of 5000 ${'#'.repeat(i / 100)}`);
      if (i % 1_000 === 0) await settled();
    }
    write('\ndone\n');
    await log.end();
    const lastTexts = stream.lines().map((line) => line.slice(line.lastIndexOf('\r') + 1));
    expect(lastTexts).toEqual([`5000 of 5000 ${'#'.repeat(50)}`, 'done']);
    expect(stream.chunks.length).toBeLessThan(10);
  });

  it('stores a bounded part of a line that is written over for ever', async () => {
    vi.useFakeTimers();
    await open({ limits: { maxLineBytes: 8 * KIB, maxBytes: 100 * KIB } });
    for (let second = 0; second < 3_600; second++) {
      write(`\r${second} s ${'#'.repeat(500)}`);
      await vi.advanceTimersByTimeAsync(1_000);
    }
    vi.useRealTimers();
    write('\n');
    await log.end();
    const stored = stream.chunks.reduce((sum, chunk) => sum + chunk.text.length, 0);
    expect(stored).toBeLessThan(3 * 8 * KIB);
    expect(stream.lines()[0]?.split('\r').at(-1)).toMatch(/^3599 s #+$/);
  });

  it('cuts a long log and says so, and still takes notices', async () => {
    await open({ limits: { maxLineBytes: 64 * KIB, maxBytes: 1000 } });
    for (let i = 0; i < 100; i++) write('0123456789abcde\n');
    log.notice('Stopped.');
    await log.end();
    const lines = stream.lines();
    expect(lines).toHaveLength(65);
    expect(lines.slice(-2)).toEqual(['The log is longer than 1000 bytes. What the job prints from here on is not kept.', 'Stopped.']);
  });

  it('makes invalid bytes and NUL visible, and leaves characters cut into two writes whole', async () => {
    await open();
    const euro = Buffer.from('€');
    write(Buffer.concat([Buffer.from('a\0b '), euro.subarray(0, 1)]));
    write(Buffer.concat([euro.subarray(1), Buffer.from([0x20, 0xff, 0xc3, 0x0a])]));
    write(euro.subarray(0, 2));
    await log.end();
    expect(stream.lines()).toEqual(['a\u2400b € \ufffd\ufffd', '\ufffd']);
  });

  it('masks output, wherever it is cut, and notices', async () => {
    await open({ secrets: ['correct horse'] });
    log.write(Buffer.from('out: correct '));
    log.write(Buffer.from('horse\n'));
    log.notice('Could not fetch https://correct%20horse@host/');
    await log.end();
    expect(stream.lines()).toEqual(['out: ***', 'Could not fetch https://***@host/']);
  });

  it('holds the writer up while the disk refuses, and loses nothing', async () => {
    const errors: unknown[] = [];
    await open({ onDiskError: (error) => errors.push(error) });
    await rm(join(spoolDir, 'attempt'), { recursive: true });
    const lines = Array.from({ length: 30_000 }, (_, i) => `${i} ${'d'.repeat(60)}`);
    let held = 0;
    for (const line of lines) {
      const pressure = write(`${line}\n`);
      if (!pressure) continue;
      held += 1;
      await settled();
      log.sealed(stream.chunks.length - 1);
      await pressure;
    }
    await log.end();
    expect(held).toBeGreaterThan(0);
    // The disk's own answer may come later than everything else.
    await vi.waitFor(() => expect(errors.length).toBeGreaterThan(0));
    expect(stream.lines()).toEqual(lines);
  });

  it('takes a million lines in bounded memory', async () => {
    await open({
      secrets: Array.from({ length: 20 }, (_, i) => `a secret value ${i}`),
      publish: async () => {},
    });
    const before = process.memoryUsage().rss;
    let most = 0;
    const write = Buffer.from(
      Array.from({ length: 640 }, (_, i) => `${i}`.padEnd(99, '.'))
        .join('\n')
        .concat('\n'),
    );
    const begun = process.threadCpuUsage(); // and not the clock: the machine may be busy
    for (let i = 0; i < 1_000_000; i += 640) {
      await log.write(write);
      if (i % 64_000 === 0) most = Math.max(most, process.memoryUsage().rss - before);
    }
    const { lines } = await log.end();
    const { user, system } = process.threadCpuUsage(begun);
    expect(lines).toBeGreaterThanOrEqual(1_000_000);
    expect(lines / ((user + system) / 1_000_000), 'lines a second of processor time').toBeGreaterThan(200_000);
    expect(most).toBeLessThan(100 * KIB * KIB);
  });
});

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await settled();
}
