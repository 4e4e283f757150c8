/**
 * Follows one direction of a web socket without holding it up, to know where a frame ends (RFC 6455, 5.2): a frame of our
 * own may be put in only there.
 */
export class FrameTracker {
  private readonly header = Buffer.alloc(10);
  private headerBytes = 0;
  private payloadLeft = 0;

  get betweenFrames(): boolean {
    return this.headerBytes === 0 && this.payloadLeft === 0;
  }

  /** @returns how many bytes were read: all, or with `untilFrameEnds` those up to the first end of a frame. */
  read(bytes: Uint8Array, untilFrameEnds = false): number {
    let at = 0;
    while (at < bytes.length) {
      if (this.payloadLeft > 0) {
        const step = Math.min(this.payloadLeft, bytes.length - at);
        this.payloadLeft -= step;
        at += step;
      } else {
        this.header[this.headerBytes++] = bytes[at++] as number;
        this.readHeader();
      }
      if (untilFrameEnds && this.betweenFrames) return at;
    }
    return at;
  }

  private readHeader(): void {
    if (this.headerBytes < 2) return;
    const short = (this.header[1] as number) & 0x7f;
    const size = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (this.headerBytes < size) return;
    const masked = ((this.header[1] as number) & 0x80) !== 0;
    const length = size === 2 ? short : size === 4 ? this.header.readUInt16BE(2) : Number(this.header.readBigUInt64BE(2));
    this.payloadLeft = length + (masked ? 4 : 0);
    this.headerBytes = 0;
  }
}

/** A server's close frame with status 1001, "going away": clients reconnect, and reach the new release. */
export const GOING_AWAY_FRAME = closeFrame(1001, 'a new release serves now');

function closeFrame(status: number, reason: string): Buffer {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(status, 0);
  payload.write(reason, 2);
  return Buffer.concat([Buffer.from([0x88, payload.length]), payload]);
}
