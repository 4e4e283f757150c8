import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { asProblem, Problem } from './problem.mjs';

/**
 * Who is who in NATS (decentralised JWT): an operator, a system account (through which the server makes an account for each agent,
 * and shuts it), the server's account with JetStream, and its user there. Whoever holds this can make any agent: one file, mode 0600.
 * @typedef {object} NatsIdentity
 * @property {string} operatorSeed
 * @property {string} systemSeed
 * @property {string} accountSeed
 * @property {string} operatorJwt
 * @property {string} systemJwt
 * @property {string} accountJwt as it was first made; the server sends newer ones that say what agents may use
 * @property {string} serverSeed
 * @property {string} serverJwt
 */

const require = createRequire(new URL('../../server/package.json', import.meta.url));
/** Each agent has one, and those of former agents stay. */
const MOST_ACCOUNTS = 1_000_000;
/** All of them, for what is left out counts as 0. */
const NO_LIMIT = { subs: -1, data: -1, payload: -1, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
/** JetStream is off in an account without these; the system account can't have it. */
const NO_JETSTREAM_LIMIT = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };

/** @returns {Promise<NatsIdentity>} */
export async function makeIdentity() {
  const { createOperator, createAccount, createUser } = require('@nats-io/nkeys');
  const { encodeOperator, encodeAccount, encodeUser } = require('@nats-io/jwt');
  const [operator, system, account, server] = [createOperator(), createAccount(), createAccount(), createUser()];
  const seed = (/** @type {{ getSeed(): Uint8Array }} */ key) => new TextDecoder().decode(key.getSeed());
  return {
    operatorSeed: seed(operator),
    systemSeed: seed(system),
    accountSeed: seed(account),
    operatorJwt: await encodeOperator('slipway', operator, { system_account: system.getPublicKey() }),
    systemJwt: await encodeAccount('system', system, { limits: NO_LIMIT }, { signer: operator }),
    accountJwt: await encodeAccount('slipway', account, { limits: { ...NO_LIMIT, ...NO_JETSTREAM_LIMIT } }, { signer: operator }),
    serverSeed: seed(server),
    serverJwt: await encodeUser('server', server, account),
  };
}

/** @param {string} seed @returns {string} */
function publicKeyOf(seed) {
  return require('@nats-io/nkeys').fromSeed(new TextEncoder().encode(seed)).getPublicKey();
}

/**
 * The identity in this file; made at the first call.
 * @param {string} file @returns {Promise<NatsIdentity>}
 */
export async function readOrMakeIdentity(file) {
  const text = await readFile(file, 'utf8').catch((error) => {
    if (error.code === 'ENOENT') return null;
    throw asProblem(error, file);
  });
  if (text !== null) return parseIdentity(text, file);
  const identity = await makeIdentity();
  await writeFile(`${file}.making`, `${JSON.stringify(identity, null, 2)}\n`, { mode: 0o600 });
  await rename(`${file}.making`, file);
  return identity;
}

/** @param {string} text @param {string} file @returns {NatsIdentity} */
function parseIdentity(text, file) {
  try {
    const identity = JSON.parse(text);
    if (typeof identity.accountSeed === 'string' && typeof identity.operatorSeed === 'string') return identity;
  } catch {
    // Said below, together with the other way in which it can be broken.
  }
  throw new Problem(
    `The data folder is broken: ${file} does not contain the NATS keys. Restore it from a backup, or delete it and enrol every agent again.`,
  );
}

/**
 * What a nats-server in operator mode needs. The account's JWT is put into its folder only when it has none: the server's
 * newer ones stay.
 * @param {NatsIdentity} identity
 * @param {{ host: string, port: number, dir: string, seenAs?: string | undefined, monitorPort?: number }} place `seenAs`: path of `dir` for nats-server
 * @returns {Promise<string>} configuration
 */
export async function natsConfig(identity, { host, port, dir, seenAs = dir, monitorPort }) {
  const resolverDir = join(dir, 'accounts');
  await mkdir(resolverDir, { recursive: true, mode: 0o700 });
  const systemId = publicKeyOf(identity.systemSeed);
  await writeIfMissing(join(resolverDir, `${systemId}.jwt`), identity.systemJwt);
  await writeIfMissing(join(resolverDir, `${publicKeyOf(identity.accountSeed)}.jwt`), identity.accountJwt);
  return [
    'server_name: slipway',
    `host: ${JSON.stringify(host)}`,
    `port: ${port}`,
    ...(monitorPort ? [`http_port: ${monitorPort}`] : []),
    // A log chunk is at most 64 KiB of text and its times.
    'max_payload: 2MB',
    'write_deadline: "10s"',
    // A client that vanished without a word is noticed after two of these.
    'ping_interval: "20s"',
    'ping_max: 2',
    `operator: ${identity.operatorJwt}`,
    `system_account: ${systemId}`,
    // The timeout is how long others of a cluster are waited for when an account is not known, and so how long an agent is kept waiting.
    `resolver: { type: full, dir: ${JSON.stringify(join(seenAs, 'accounts'))}, allow_delete: false, interval: "2m", limit: ${MOST_ACCOUNTS}, timeout: "500ms" }`,
    `jetstream: { store_dir: ${JSON.stringify(seenAs)}, max_memory_store: 256MB, max_file_store: 20GB }`,
    '',
  ].join('\n');
}

/** @param {string} file @param {string} text */
async function writeIfMissing(file, text) {
  if (!(await stat(file).catch(() => null))) await writeFile(file, text, { mode: 0o600 });
}
