import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, jwtAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import type { NatsIdentity } from '../../scripts/services/throwaway.mjs';
import type { Installation } from './installation.ts';

export type NatsPlace = { url: string; jwt: string; seed: string };

/** The installation's own nats-server, with the server's rights. */
export async function natsOf(installation: Installation): Promise<NatsPlace> {
  const { natsUrl } = await installation.services();
  const identity = JSON.parse(await readFile(join(installation.dataDir, 'nats.json'), 'utf8')) as NatsIdentity;
  return { url: natsUrl, jwt: identity.serverJwt, seed: identity.serverSeed };
}

export const connectTo = ({ url, jwt, seed }: NatsPlace): Promise<NatsConnection> =>
  connect({ servers: url, authenticator: jwtAuthenticator(jwt, new TextEncoder().encode(seed)) });
