import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Authenticator, type ConnectionOptions, connect, type NatsConnection } from '@nats-io/transport-node';
import { makeIdentity, type NatsIdentity, startNats } from '../../../scripts/services/throwaway.mjs';
import { serverAuthenticator } from '../platform/nats/identity.js';

export type TestNats = {
  readonly url: string;
  readonly identity: NatsIdentity;
  /** The server's own rights. */
  readonly authenticator: Authenticator;
  /** As the server, unless another authenticator is given. Closed by `close()`. */
  connect(options?: ConnectionOptions): Promise<NatsConnection>;
  /** kill -9, or an end in order; JetStream's store stays, and `start` brings it back on the same port. */
  kill(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
};

/** The same for all nats-servers of a file: its keys and signatures take longer than the start of a server. */
let sharedIdentity: Promise<NatsIdentity> | undefined;

/** A new real nats-server with JetStream and accounts. */
export async function testNats(binary?: string): Promise<TestNats> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-nats-'));
  sharedIdentity ??= makeIdentity();
  const identity = await sharedIdentity;
  let nats = await startNats({ dir, identity, ...(binary ? { binary } : {}) });
  const { url } = nats;
  const authenticator = serverAuthenticator(identity);
  const open: NatsConnection[] = [];
  return {
    url,
    identity,
    authenticator,
    connect: async (options = {}) => {
      const connection = await connect({ servers: url, authenticator, ...options });
      open.push(connection);
      return connection;
    },
    kill: () => nats.kill(),
    start: async () => {
      nats = await startNats({ dir, identity, port: Number(new URL(url).port), ...(binary ? { binary } : {}) });
    },
    close: async () => {
      await Promise.all(open.map((connection) => connection.close()));
      await nats.stop();
    },
  };
}
