import { isUtf8 } from 'node:buffer';

const NOTHING = Buffer.alloc(0);

/** Makes a stream of bytes into UTF-8 text, however characters are cut: invalid bytes become U+FFFD, NUL becomes the visible U+2400. */
export class CleanText {
  private tail: Buffer = NOTHING;

  /** The answer may be a view of `bytes`. */
  push(bytes: Buffer): Buffer {
    const data = this.tail.length > 0 ? Buffer.concat([this.tail, bytes]) : bytes;
    const end = data.length - unfinishedBytes(data);
    this.tail = end < data.length ? Buffer.from(data.subarray(end)) : NOTHING;
    return clean(data.subarray(0, end));
  }

  flush(): Buffer {
    const rest = clean(this.tail);
    this.tail = NOTHING;
    return rest;
  }
}

function clean(data: Buffer): Buffer {
  const valid = isUtf8(data);
  if (valid && !data.includes(0)) return data;
  return Buffer.from(data.toString('utf8').replaceAll('\0', '\u2400'));
}

/** Bytes at the end that are the beginning of a character: 0 to 3. */
function unfinishedBytes(data: Buffer): number {
  for (let back = 1; back <= Math.min(3, data.length); back++) {
    const byte = data[data.length - back] as number;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return length > back ? back : 0;
  }
  return 0;
}
