import { readFile } from 'node:fs/promises';
import { fromSeed } from '@nats-io/nkeys';
import { type Authenticator, jwtAuthenticator } from '@nats-io/transport-node';
import { z } from 'zod';

const encoder = new TextEncoder();

/** Keys of a NATS installation in operator mode; the content of `SLIPWAY_NATS_FILE`, which nobody but the server may read. */
export const NatsIdentity = z.object({
  operatorSeed: z.string().startsWith('SO'),
  systemSeed: z.string().startsWith('SA'),
  accountSeed: z.string().startsWith('SA'),
  operatorJwt: z.string(),
  systemJwt: z.string(),
  /** As it was first made, enough for this server to get in; it then tells nats-server what agents may use. */
  accountJwt: z.string(),
  /** The server's own user in the account, with every right in it. */
  serverSeed: z.string().startsWith('SU'),
  serverJwt: z.string(),
});
export type NatsIdentity = z.infer<typeof NatsIdentity>;

/** @throws Error that names the file and what is wrong with it; never its content */
export async function readNatsIdentity(file: string): Promise<NatsIdentity> {
  const text = await readFile(file, 'utf8');
  try {
    return NatsIdentity.parse(JSON.parse(text));
  } catch {
    throw new Error(
      `${file} does not contain the keys of a NATS account. Without its signing key no agent can connect. Restore the file from a backup, or make new keys with "npm run nats-identity" and enrol every agent again.`,
    );
  }
}

export const keyOf = (seed: string) => fromSeed(encoder.encode(seed));

export const serverAuthenticator = (identity: NatsIdentity): Authenticator =>
  jwtAuthenticator(identity.serverJwt, encoder.encode(identity.serverSeed));
