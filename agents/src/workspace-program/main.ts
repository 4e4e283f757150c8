import { readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { shorten } from '@slipway/protocol/text';
import { writeData, writeMessage } from './frames.ts';
import { type Message, Refused, type Request } from './messages.ts';
import { pack } from './pack.ts';
import { unpack } from './unpack.ts';

/** `node main.js <request file>`, in the folder that the request is about. See frames.ts for what comes out. */
const tell = (message: Message): void =>
  writeMessage('text' in message ? { ...message, text: shorten(message.text, MAX_TEXT, '…') } : message);
/** In code points. However much JSON makes of them, the message fits into a frame. */
const MAX_TEXT = 8_000;

const data = new Writable({
  write(bytes: Buffer, _, done) {
    try {
      writeData(bytes);
      done();
    } catch (error) {
      done(error as Error); // the agent listens no more
    }
  },
});

async function answer(request: Request): Promise<void> {
  switch (request.do) {
    case 'pack':
      return pack(request, data, tell);
    case 'unpack':
      return unpack(request, tell);
    case 'reports': {
      const { readReports } = await import('./read-reports.ts');
      return readReports(request, (lines) => writeData(Buffer.from(lines)), tell);
    }
  }
}

function last(error: Error): Message {
  if (error instanceof Refused) return { kind: 'refused', reason: error.reason, text: error.message };
  return { kind: 'failed', text: error.message };
}

process.umask(0o022); // whatever the agent has: what is unpacked is the same everywhere
try {
  await answer(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Request);
} catch (error) {
  tell(last(error as Error));
}
