import type { Duplex } from 'node:stream';
import { FrameTracker, GOING_AWAY_FRAME } from './websocket-frames.js';

/** A client that doesn't close its half gets this long to read the last bytes. */
const LAST_WORDS_MS = 5_000;

/** Bytes between a client and an instance that have left HTTP. A web socket can be told to go; anything else only be cut. */
export class UpgradedConnection {
  private readonly frames: FrameTracker | null;
  private telling = false;
  private told = false;
  private over = false;

  /** @param onOver called once when both ends have parted; `broken` when the application's end broke. */
  constructor(
    private readonly client: Duplex,
    private readonly upstream: Duplex,
    webSocket: boolean,
    private readonly onOver: (broken: boolean) => void,
  ) {
    this.frames = webSocket ? new FrameTracker() : null;
  }

  /** What each end sent before the other was joined goes first. */
  start(fromClient: Buffer, fromUpstream: Buffer): void {
    const { client, upstream } = this;
    upstream.on('data', (chunk: Buffer) => this.toClient(chunk));
    client.on('drain', () => upstream.resume());
    upstream.once('end', () => client.end());
    upstream.once('error', () => this.part(true));
    upstream.once('close', () => this.part(false));
    client.once('close', () => this.part(false));
    if (fromClient.length > 0) upstream.write(fromClient);
    if (fromUpstream.length > 0) this.toClient(fromUpstream);
    client.pipe(upstream);
  }

  /**
   * Sends the client a close frame where a frame ends. Its answer goes to the application, which closes in turn; what the
   * application says after our frame is dropped, as nothing may follow it.
   */
  goAway(): void {
    if (!this.frames || this.told) return;
    this.telling = true;
    if (this.frames.betweenFrames) this.tell();
  }

  destroy(): void {
    this.part(false);
    this.client.destroy();
  }

  private toClient(chunk: Buffer): void {
    if (this.told) return;
    const length = this.frames ? this.frames.read(chunk, this.telling) : chunk.length;
    if (!this.client.write(length < chunk.length ? chunk.subarray(0, length) : chunk)) this.upstream.pause();
    if (this.telling && this.frames?.betweenFrames) this.tell();
  }

  private tell(): void {
    this.told = true;
    this.client.write(GOING_AWAY_FRAME);
    this.upstream.resume();
  }

  private part(broken: boolean): void {
    if (this.over) return;
    this.over = true;
    this.onOver(broken);
    this.upstream.destroy();
    this.client.end();
    setTimeout(() => this.client.destroy(), LAST_WORDS_MS).unref();
  }
}
