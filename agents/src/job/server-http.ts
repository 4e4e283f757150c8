import { createReadStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { shorten } from '@slipway/protocol';
import { type HttpAnswer, send, textOf } from '../http/request.js';

const FIRST_RETRY_MS = 200;
const MAX_RETRY_MS = 5_000;
const GIVE_UP_MS = 10 * 60_000;

/** The server refused, and would refuse again. */
export class ServerRefused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export type ServerAccess = { httpUrl: string; token: string; signal: AbortSignal };

/**
 * Sends a file. A server that is away is waited for.
 * @throws ServerRefused
 */
export function uploadFile({ httpUrl, token, signal }: ServerAccess, path: string, file: { path: string; size: number }): Promise<void> {
  return patiently(signal, async () => {
    const answer = await send(new URL(path, httpUrl), {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream', 'content-length': `${file.size}` },
      body: createReadStream(file.path),
      signal,
    });
    await checked(answer);
  });
}

async function checked(answer: HttpAnswer): Promise<void> {
  const text = await textOf(answer);
  const { status } = answer;
  if (status < 300) return;
  if (status >= 500 || status === 429) throw new Error(`The server answered ${status}: ${shorten(text, 500)}`);
  throw new ServerRefused(status, messageIn(text) ?? `The server answered ${status}.`);
}

function messageIn(text: string): string | null {
  try {
    return (JSON.parse(text) as { error?: { message?: string } }).error?.message ?? null;
  } catch {
    return null; // not from the server itself
  }
}

/** Tries again, less and less often, for as long as the server may be away. Gives up at once on {@link ServerRefused} and what else `isFinal` says. */
export async function patiently<T>(
  signal: AbortSignal,
  attempt: () => Promise<T>,
  isFinal: (error: unknown) => boolean = () => false,
): Promise<T> {
  const giveUpAt = Date.now() + GIVE_UP_MS;
  for (let waitMs = FIRST_RETRY_MS; ; waitMs = Math.min(MAX_RETRY_MS, waitMs * 2)) {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ServerRefused || isFinal(error) || Date.now() > giveUpAt) throw error;
      await delay(waitMs, null, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}
