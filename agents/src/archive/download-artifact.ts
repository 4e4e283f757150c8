import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { shorten } from '@slipway/protocol';
import { send, textOf } from '../http/request.js';

export type ArtifactDownload = { httpUrl: string; token: string; digest: string; size: number; file: string; signal: AbortSignal };

/** The server refused, and would refuse again. */
export class ArtifactRefused extends Error {}

const TRIES = 8;
const FIRST_PAUSE_MS = 200;

/**
 * Downloads an artifact into a file and checks length and SHA-256 on the way. Tries again over about half a minute while the server
 * can't be reached or the bytes are not what was named.
 * @throws ArtifactRefused when the server refuses; the last error when the tries are over; the signal's reason.
 */
export async function downloadArtifact(download: ArtifactDownload): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await downloadOnce(download);
    } catch (error) {
      await rm(download.file, { force: true });
      download.signal.throwIfAborted();
      if (error instanceof ArtifactRefused || tries === TRIES) throw error;
      await sleep(FIRST_PAUSE_MS * 2 ** (tries - 1), undefined, { signal: download.signal });
    }
  }
}

async function downloadOnce({ httpUrl, token, digest, size, file, signal }: ArtifactDownload): Promise<void> {
  const answer = await send(new URL(`/api/agent/artifacts/${digest}`, httpUrl), {
    headers: { authorization: `Bearer ${token}` },
    signal,
  });
  if (answer.status !== 200) {
    const text = shorten(await textOf(answer), 300);
    const message = `Artifact ${shorten(digest, 12)} could not be fetched: the server answered ${answer.status} ${text}`;
    throw answer.status >= 500 || answer.status === 429 ? new Error(message) : new ArtifactRefused(message);
  }
  await pipeline(answer.body, checked(digest, size), createWriteStream(file, { mode: 0o600 }), { signal });
}

function checked(digest: string, size: number): Transform {
  const hash = createHash('sha256');
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      bytes += chunk.length;
      hash.update(chunk);
      done(bytes > size ? new Error(`Artifact ${shorten(digest, 12)} is longer than the ${size} bytes that were announced`) : null, chunk);
    },
    flush(done) {
      const actual = hash.digest('hex');
      done(actual === digest ? null : new Error(`Artifact ${shorten(digest, 12)} arrived damaged: its SHA-256 is ${shorten(actual, 12)}…`));
    },
  });
}
