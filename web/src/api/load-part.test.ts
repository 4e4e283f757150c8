import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadPart, onPartsAwaited, PartGone } from './load-part.ts';

const UNLOADED = new TypeError('Failed to fetch dynamically imported module: http://slipway.test/assets/RunPage-abc.js');
const part = { Component: () => null };
const answering = () => Promise.resolve(new Response());
const away = () => Promise.reject(new TypeError('Failed to fetch'));

let server = vi.fn<() => Promise<Response>>();

beforeEach(() => {
  vi.useFakeTimers();
  server = vi.fn(answering);
  vi.stubGlobal('fetch', () => server());
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a part of the page', () => {
  it('is loaded without asking anything else', async () => {
    expect(await loadPart(async () => part)).toBe(part);
    expect(server).not.toHaveBeenCalled();
  });

  it('is waited for while the server is away, which the page says, and loaded when it is back', async () => {
    const told: boolean[] = [];
    const stop = onPartsAwaited((waiting) => told.push(waiting));
    server.mockImplementation(away);
    const load = vi.fn().mockRejectedValueOnce(UNLOADED).mockResolvedValue(part);
    const loaded = loadPart(load);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(load).toHaveBeenCalledTimes(1);
    expect(told).toEqual([true]);
    server.mockImplementation(answering);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await loaded).toBe(part);
    expect(told).toEqual([true, false]);
    stop();
  });

  it('is asked for at once when the network is back', async () => {
    server.mockImplementation(away);
    const loaded = loadPart(vi.fn().mockRejectedValueOnce(UNLOADED).mockResolvedValue(part));
    await vi.advanceTimersByTimeAsync(30_000);
    server.mockImplementation(answering);
    window.dispatchEvent(new Event('online'));
    expect(await loaded).toBe(part);
  });

  it('is gone when the server answers and does not have it', async () => {
    await expect(loadPart(() => Promise.reject(UNLOADED))).rejects.toBeInstanceOf(PartGone);
  });

  it('may fail by itself, which is not the server’s fault', async () => {
    const bug = new TypeError("Cannot read properties of undefined (reading 'x')");
    await expect(loadPart(() => Promise.reject(bug))).rejects.toBe(bug);
    expect(server).not.toHaveBeenCalled();
  });
});
