import { describe, expect, it } from 'vitest';
import { frameOf, MAX_PAYLOAD_BYTES } from '../workspace-program/frames.js';
import { Random } from '../workspace-program/testing/fuzz.js';
import { FrameReader } from './frame-reader.js';

async function readInPieces(stream: Buffer, pieceLength: () => number) {
  const read = { data: '', messages: [] as string[], noise: '', mayEnd: false };
  const reader = new FrameReader({
    data: (bytes) => {
      read.data += bytes.toString('latin1');
    },
    message: (payload) => read.messages.push(payload.toString('latin1')),
    noise: (bytes) => {
      read.noise += bytes.toString('latin1');
    },
  });
  for (let at = 0; at < stream.length; ) {
    const end = at + pieceLength();
    await reader.read(stream.subarray(at, end));
    at = end;
  }
  read.mayEnd = reader.isBetweenFrames;
  return read;
}

const text = (random: Random): Buffer => Buffer.from(random.some(30, () => random.of('\x01\x02\x00ab')).join('') || 'x');

describe('frames', () => {
  it('come out as they went in, however the stream is cut', async () => {
    for (let seed = 0; seed < 300; seed++) {
      const random = new Random(seed);
      const sent = random.some(6, () => ({ kind: random.of(['data', 'message'] as const), payload: text(random) }));
      const of = (wanted: string) => sent.filter(({ kind }) => kind === wanted).map(({ payload }) => payload.toString('latin1'));
      const stream = Buffer.concat(sent.map(({ kind, payload }) => frameOf(kind, payload)));
      const read = await readInPieces(stream, () => 1 + random.below(12));
      expect(read, `seed ${seed}`).toEqual({ data: of('data').join(''), messages: of('message'), noise: '', mayEnd: true });
    }
  });

  it('may not end in the middle', async () => {
    const stream = frameOf('data', Buffer.from('abc'));
    for (let length = 1; length < stream.length; length++)
      expect((await readInPieces(stream.subarray(0, length), () => 2)).mayEnd).toBe(false);
  });

  it('are followed by noise where a kind is unknown or a length is none', async () => {
    const good = frameOf('message', Buffer.from('{}'));
    const tooLong = Buffer.alloc(5);
    tooLong.writeUInt8(2, 0);
    tooLong.writeUInt32BE(MAX_PAYLOAD_BYTES + 1, 1);
    for (const bad of [Buffer.from('FATAL'), tooLong, Buffer.from([2, 0, 0, 0, 0])]) {
      for (const length of [1, 3, 100]) {
        const read = await readInPieces(Buffer.concat([good, bad, good]), () => length);
        expect(read).toMatchObject({ data: '', messages: ['{}'], noise: Buffer.concat([bad, good]).toString('latin1') });
      }
    }
  });
});
