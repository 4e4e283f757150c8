#!/usr/bin/env node
/**
 * `npm run nats-identity -- <folder for the server> <folder for nats-server> [--seen-as <path>] [--port <port>]`: keys for a
 * nats-server of one's own, and its configuration. Keys that are there stay; the configuration is written anew.
 * `--seen-as`: path of the second folder where nats-server runs, if that is another one (a container).
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { commandFor } from './bootstrap/paths.mjs';
import { complain, say } from './bootstrap/say.mjs';
import { natsConfig, readOrMakeIdentity } from './services/nats-identity.mjs';
import { Problem } from './services/problem.mjs';

const MONITOR_PORT = 8222;

/** @param {string[]} args */
async function makeIdentityFiles(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { 'seen-as': { type: 'string' }, port: { type: 'string', default: '4222' } },
  });
  const [keys, nats] = positionals;
  if (!keys || !nats)
    throw new Problem(`Name two folders: ${commandFor('nats-identity')} <folder for the server> <folder for nats-server>`);
  for (const folder of [keys, nats]) await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = resolve(keys, 'nats.json');
  const identity = await readOrMakeIdentity(file);
  const place = { host: '0.0.0.0', port: Number(values.port), monitorPort: MONITOR_PORT, dir: resolve(nats), seenAs: values['seen-as'] };
  const config = join(place.dir, 'nats.conf');
  await writeFile(config, await natsConfig(identity, place), { mode: 0o600 });
  say(`keys: ${file} (set SLIPWAY_NATS_FILE to it; anybody who can read it can make agents)`);
  say(`configuration: nats-server -c ${config}`);
}

try {
  await makeIdentityFiles(process.argv.slice(2));
} catch (error) {
  complain(error instanceof Problem ? error.message : String(error));
  process.exitCode = 1;
}
