import { type FrameKind, HEADER_BYTES, KIND_BYTES, MAX_PAYLOAD_BYTES } from '../workspace-program/frames.js';

export interface FrameTaker {
  /** A part of the data. A promise holds what comes after it. */
  data(bytes: Buffer): void | Promise<void>;
  message(payload: Buffer): void;
  /** From here to its end, the stream holds no frames. */
  noise(bytes: Buffer): void;
}

type Frame = { kind: FrameKind; left: number };

/** Reads what `workspace-program/frames.ts` writes, in time linear in the bytes however they are cut, and holds one message at most. */
export class FrameReader {
  private header = Buffer.alloc(0);
  private frame: Frame | null = null;
  private message: Buffer[] = [];
  private isNoise = false;

  constructor(private readonly taker: FrameTaker) {}

  async read(bytes: Buffer): Promise<void> {
    for (let rest = bytes; rest.length > 0; ) {
      if (this.isNoise) return this.taker.noise(rest);
      rest = this.frame ? await this.readPayload(this.frame, rest) : this.readHeader(rest);
    }
  }

  /** Whether the stream may end here. */
  get isBetweenFrames(): boolean {
    return this.header.length === 0 && this.frame === null;
  }

  /** @returns what follows */
  private readHeader(bytes: Buffer): Buffer {
    const wanted = HEADER_BYTES - this.header.length;
    this.header = Buffer.concat([this.header, bytes.subarray(0, wanted)]);
    const kind = kindOf(this.header[0]);
    const isWhole = this.header.length === HEADER_BYTES;
    const left = isWhole ? this.header.readUInt32BE(1) : null;
    if (kind === null || left === 0 || (left ?? 0) > MAX_PAYLOAD_BYTES) {
      this.isNoise = true;
      return Buffer.concat([this.header, bytes.subarray(wanted)]);
    }
    if (left !== null) [this.header, this.frame] = [Buffer.alloc(0), { kind, left }];
    return bytes.subarray(wanted);
  }

  /** @returns what follows */
  private async readPayload(frame: Frame, bytes: Buffer): Promise<Buffer> {
    const part = bytes.subarray(0, frame.left);
    frame.left -= part.length;
    if (frame.left === 0) this.frame = null;
    if (frame.kind === 'data') await this.taker.data(part);
    else this.message.push(part);
    if (frame.left === 0 && frame.kind === 'message') {
      const parts = this.message;
      this.message = [];
      this.taker.message(Buffer.concat(parts));
    }
    return bytes.subarray(part.length);
  }
}

const kindOf = (byte: number | undefined): FrameKind | null =>
  (Object.keys(KIND_BYTES) as FrameKind[]).find((kind) => KIND_BYTES[kind] === byte) ?? null;
