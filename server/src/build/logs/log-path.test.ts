import type { LogMark } from '@slipway/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sweepLogs, sweepOrphanedBlocks } from './sweep-logs.js';
import { collect, LogWorld, linesOf, numbered, print, readAll } from './testing/log-world.js';

describe('the log of an attempt', () => {
  let world: LogWorld;
  beforeAll(async () => {
    world = await LogWorld.create();
  });
  afterEach(() => world.settle());
  afterAll(() => world.close());

  it('is followed as it is printed, sealed, and read at any place', async () => {
    const { server, attempt, log } = await world.begin();
    const followed = collect(server.logs.follow(attempt.jobId, null, 0));
    const lines = numbered(40_000);
    await print(log, lines);
    await world.finish(log, attempt);
    expect(await followed).toEqual(lines);
    await world.sealed(attempt);
    await log.done;
    expect(await readAll(server, attempt)).toEqual(lines);
    const middle = await server.logs.read(attempt.jobId, null, 23_456, 3);
    expect(linesOf(middle)).toEqual(lines.slice(23_456, 23_459));
    expect(middle).toMatchObject({ firstLine: 23_456, totalLines: 40_000, complete: false });
    expect(linesOf(await server.logs.read(attempt.jobId, null, -2, 10))).toEqual(lines.slice(-2));
    expect(await server.logs.read(attempt.jobId, null, 50_000, 10)).toMatchObject({ lineCount: 0, complete: true });
    expect(await text(await server.logs.download(attempt.attemptId))).toBe(lines.join('\n'));
  });

  it('shows a line in pieces while it is printed, and gives its beginning once', async () => {
    const { server, attempt, log } = await world.begin();
    const views = server.logs.follow(attempt.jobId, null, 0);
    const seen: [number, string, boolean][] = [];
    for (const part of ['wait', 'ing', ' done\nnext\n']) {
      log.write(Buffer.from(part));
      while (seen.map(([, piece]) => piece).join('|').length < 4 || !seen.at(-1)?.[1].includes(part.slice(-4, -1))) {
        const { value } = await views.next();
        if (value.lineCount > 0) seen.push([value.firstLine, value.text, value.startsInsideLine]);
      }
    }
    await views.return?.();
    expect(seen).toEqual([
      [0, 'wait', false],
      [0, 'ing', true],
      [0, ' done\nnext', true],
    ]);
  });

  it('shows the last text of a line that is written over, live, sealed and as text, each line in its colours', async () => {
    const { server, attempt, log } = await world.begin();
    const seen: string[] = [];
    const followed = (async () => {
      for await (const { text, lineCount, startsInsideLine } of server.logs.follow(attempt.jobId, null, 0)) {
        if (lineCount === 0) continue;
        if (!startsInsideLine) seen.push(...text.split('\n'));
        else seen.push(...`${seen.pop()}${text}`.split('\n').map((line) => line.slice(line.lastIndexOf('\r') + 1)));
      }
    })();
    for (let percent = 0; percent <= 100; percent += 10) {
      log.write(Buffer.from(`\r\x1b[32m${percent} %`));
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    log.write(Buffer.from('\nstill green\x1b[0m\nplain\r\n'));
    await world.finish(log, attempt);
    await followed;
    const lines = ['\x1b[32m100 %', '\x1b[32mstill green\x1b[0m', 'plain'];
    expect(seen).toEqual(lines);
    await world.sealed(attempt);
    expect(await readAll(server, attempt)).toEqual(lines);
    expect(await text(await server.logs.download(attempt.attemptId))).toBe(lines.join('\n'));
  });

  it('gives marks with the lines they stand before, live and sealed', async () => {
    const { server, attempt, log } = await world.begin();
    const marks: LogMark[] = [];
    const followed = (async () => {
      for await (const view of server.logs.follow(attempt.jobId, null, 0)) marks.push(...view.marks);
    })();
    log.mark({ kind: 'step', index: 0, name: 'one' } as Omit<LogMark, 'line'>);
    await print(log, ['a', 'b']);
    log.mark({ kind: 'step_end', index: 0, exitCode: 0, durationMs: 1 } as Omit<LogMark, 'line'>);
    await new Promise((resolve) => setTimeout(resolve, 50));
    log.mark({ kind: 'step', index: 1, name: 'two' } as Omit<LogMark, 'line'>);
    await print(log, ['c']);
    log.mark({ kind: 'step_end', index: 1, exitCode: 0, durationMs: 1 } as Omit<LogMark, 'line'>);
    await world.finish(log, attempt);
    await followed;
    const expected = [
      ['step', 0],
      ['step_end', 2],
      ['step', 2],
      ['step_end', 3],
    ];
    expect(marks.map((mark) => [mark.kind, mark.line])).toEqual(expected);
    await world.sealed(attempt);
    const view = await server.logs.read(attempt.jobId, null, 0, 10);
    expect(view.marks.map((mark) => [mark.kind, mark.line])).toEqual(expected);
    expect((await server.logs.read(attempt.jobId, null, 2, 1)).marks.map((mark) => mark.kind)).toEqual(['step_end', 'step', 'step_end']);
  });

  it('waits for the first attempt of a job, and ends at once for a job that never had one', async () => {
    const server = await world.startServer();
    const attempt = await world.anAttempt();
    const followed = collect(server.logs.follow(attempt.jobId, null, 0));
    await new Promise((resolve) => setTimeout(resolve, 50));
    await world.openLog(server, attempt);
    world.tellChanged(`job.${attempt.jobId}`);
    const log = await world.startAgent(attempt);
    await print(log, ['at last']);
    await world.finish(log, attempt);
    expect(await followed).toEqual(['at last']);
    const skipped = await world.anAttempt();
    await world.database.query('delete from attempts where id = $1', [skipped.attemptId]);
    await world.database.query(`update jobs set state = 'skipped', finished_at = now() where id = $1`, [skipped.jobId]);
    expect(await collect(server.logs.follow(skipped.jobId, null, 0))).toEqual([]);
  });

  it('leaves a subscription at once, also while nothing is printed', async () => {
    const { server, attempt } = await world.begin();
    const views = server.logs.follow(attempt.jobId, null, 0);
    await views.next();
    const pending = views.next();
    await views.return?.();
    expect(await pending).toMatchObject({ done: true });
  });

  it('holds no memory for a slow reader: it reads sealed blocks when it has fallen behind', async () => {
    const { server, attempt, log } = await world.begin();
    const slow = server.logs.follow(attempt.jobId, null, 0);
    const seen = linesOf((await slow.next()).value);
    const lines = numbered(100_000);
    await print(log, lines);
    await world.finish(log, attempt);
    await world.sealed(attempt);
    for await (const view of slow) seen.push(...linesOf(view));
    expect(seen).toEqual(lines);
  });

  it('carries a million lines to a follower and into sealed blocks, in bounded memory', { timeout: 60_000 }, async () => {
    const { server, attempt, log } = await world.begin();
    const before = process.memoryUsage().rss;
    let mostBytes = 0;
    const block = Buffer.from(
      numbered(1000, 80)
        .map((line) => `${line}\n`)
        .join(''),
    );
    const seen = (async () => {
      let lines = 0;
      for await (const view of server.logs.follow(attempt.jobId, null, 0)) {
        lines += view.lineCount - (view.startsInsideLine && view.lineCount > 0 ? 1 : 0);
        mostBytes = Math.max(mostBytes, process.memoryUsage().rss - before);
      }
      return lines;
    })();
    for (let i = 0; i < 1000; i++) {
      await log.write(block);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await world.finish(log, attempt);
    expect(await seen).toBe(1_000_000);
    await world.sealed(attempt);
    expect(mostBytes).toBeLessThan(300 * 1024 * 1024);
  });

  it('is deleted when it has been kept long enough, and says so', async () => {
    const { server, attempt, log } = await world.begin();
    await print(log, ['old']);
    await world.finish(log, attempt);
    await world.sealed(attempt);
    const later = new Date(Date.now() + 91 * 24 * 3600_000);
    await world.blobs.put(`logs/${attempt.attemptId}/unknown`, Buffer.from('of a sealer that died'));
    expect(await sweepOrphanedBlocks(world.database, world.blobs, new Date())).toBe(0);
    expect(await sweepOrphanedBlocks(world.database, world.blobs, later)).toBe(1);
    expect(await sweepLogs(world.database, world.blobs, new Date())).toBe(0);
    expect(await sweepLogs(world.database, world.blobs, later)).toBeGreaterThan(0);
    await expect(server.logs.read(attempt.jobId, null, 0, 1)).rejects.toMatchObject({ code: 'log_expired' });
    expect(await Array.fromAsync(world.blobs.list(`logs/${attempt.attemptId}`))).toEqual([]);
  });
});

async function text(parts: AsyncIterable<string> | null): Promise<string> {
  return parts ? (await Array.fromAsync(parts)).join('') : '';
}
