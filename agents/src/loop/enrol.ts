import { readFile } from 'node:fs/promises';
import { fromSeed } from '@nats-io/nkeys';
import type { Logger } from 'pino';
import { send, textOf } from '../http/request.js';
import { type Identity, IdentityFiles } from './identity.js';

const TIMEOUT_MS = 5_000;

export type EnrolOptions = { serverUrl: string; name: string; token?: string; file?: string };

type Answer = { kind: 'enrolled'; identity: Identity } | { kind: 'refused'; message: string } | { kind: 'unreachable'; message: string };

/**
 * Returns who this agent is. It asks the server each time, because the address of NATS and the credentials may have changed; if the server is away or
 * no longer knows the token, it uses the last answer. Null: neither works, so try again later.
 */
export async function enrol(options: EnrolOptions, files: IdentityFiles, log: Logger): Promise<Identity | null> {
  const seed = await files.seed();
  const stored = await files.stored();
  const tokens = [await offeredToken(options), stored?.token].filter((token) => token !== undefined);
  let problem = options.file
    ? `There is no enrolment token in ${options.file} yet.`
    : 'No enrolment token was given: set SLIPWAY_ENROLMENT_TOKEN or SLIPWAY_ENROLMENT_FILE.';
  for (const token of new Set(tokens)) {
    const answer = await ask(options, token, fromSeed(seed).getPublicKey());
    if (answer.kind === 'enrolled') {
      await files.store({ ...answer.identity, token });
      return answer.identity;
    }
    problem = answer.message;
    if (answer.kind === 'unreachable') break;
  }
  if (!stored) log.info({ problem }, 'Not enrolled yet; trying again.');
  return stored;
}

async function offeredToken({ token, file }: EnrolOptions): Promise<string | undefined> {
  if (token || !file) return token;
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.trim() || undefined;
}

async function ask({ serverUrl, name }: EnrolOptions, token: string, publicKey: string): Promise<Answer> {
  try {
    const answer = await send(new URL('/api/agents/enrol', serverUrl), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, name, publicKey }),
      idleMs: TIMEOUT_MS,
    });
    const body: unknown = JSON.parse(await textOf(answer));
    if (answer.status < 300) return { kind: 'enrolled', identity: IdentityFiles.parse(body) };
    const message = (body as { error?: { message?: string } }).error?.message ?? `The server answered ${answer.status}.`;
    return { kind: answer.status < 500 ? 'refused' : 'unreachable', message };
  } catch (error) {
    return { kind: 'unreachable', message: error instanceof Error ? error.message : String(error) };
  }
}
