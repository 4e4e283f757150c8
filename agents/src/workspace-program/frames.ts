import { writeSync } from 'node:fs';

/**
 * How the program says two things on the one stream that a sandbox has: data, and messages as JSON. A frame is its kind (a byte), the length
 * of its payload (four bytes, big-endian; never 0) and the payload. Whatever else comes, such as the last words of a Node.js that crashes, is noise.
 */
export type FrameKind = 'message' | 'data';
export const KIND_BYTES: Record<FrameKind, number> = { message: 0x01, data: 0x02 };
export const HEADER_BYTES = 5;
export const MAX_PAYLOAD_BYTES = 64 * 1024;

export function frameOf(kind: FrameKind, payload: Uint8Array): Buffer {
  if (payload.length > MAX_PAYLOAD_BYTES) throw new RangeError(`A frame can't hold ${payload.length} bytes.`);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(KIND_BYTES[kind], 0);
  header.writeUInt32BE(payload.length, 1);
  return Buffer.concat([header, payload]);
}

/**
 * In as many frames as it takes. Waits until all of it is in the pipe, so that frames stay whole and in order; `process.stdout` would make
 * it a pipe that does not wait.
 */
export function writeData(bytes: Uint8Array): void {
  for (let start = 0; start < bytes.length; start += MAX_PAYLOAD_BYTES)
    writeWhole(frameOf('data', bytes.subarray(start, start + MAX_PAYLOAD_BYTES)));
}

export const writeMessage = (message: object): void => writeWhole(frameOf('message', Buffer.from(JSON.stringify(message))));

function writeWhole(frame: Buffer): void {
  for (let at = 0; at < frame.length; ) at += writeSync(1, frame, at);
}
