import { execFile } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { findNatsServer } from '../../scripts/services/nats-binary.mjs';
import { postgresHome } from '../../scripts/services/postgres-binaries.mjs';

const run = promisify(execFile);

/** What the figures were measured on. */
export async function machine(): Promise<Record<string, unknown>> {
  const nats = await findNatsServer({});
  const postgres = await postgresHome();
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model.trim(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    /** Of the last minute, this bench included: much more than the bench itself explains, and the machine was not at rest. */
    load: loadavg()[0],
    node: process.version,
    nats: (await run(nats, ['--version'])).stdout.trim().replace('nats-server: ', ''),
    postgres: postgres.version,
  };
}
