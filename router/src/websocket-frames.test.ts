import { describe, expect, it } from 'vitest';
import { FrameTracker } from './websocket-frames.js';

const frame = (length: number, masked = false) => {
  const head =
    length < 126
      ? [0x82, length]
      : length < 65_536
        ? [0x82, 126, length >> 8, length & 255]
        : [0x82, 127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255];
  if (masked) head[1] = (head[1] as number) | 0x80;
  return Buffer.concat([Buffer.from(head), Buffer.alloc(length + (masked ? 4 : 0), 0xff)]);
};

describe('FrameTracker', () => {
  it.each([1, 2, 3, 7, 1_000_000])('knows where frames of every length end, however they are split (pieces of %i bytes)', (size) => {
    const frames = [frame(0), frame(5), frame(125, true), frame(126), frame(200, true), frame(70_000), frame(1)];
    const ends = frames.map((_, i) => Buffer.concat(frames.slice(0, i + 1)).length);
    const bytes = Buffer.concat(frames);
    const tracker = new FrameTracker();
    const seen: number[] = [];
    for (let at = 0; at < bytes.length; ) {
      at += tracker.read(bytes.subarray(at, Math.min(bytes.length, at + size)), true);
      if (tracker.betweenFrames) seen.push(at);
    }
    expect(seen).toEqual(ends);
  });
});
