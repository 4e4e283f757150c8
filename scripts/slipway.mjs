#!/usr/bin/env node
/** `npx slipway`: what a checkout does with `npm start`, from the npm package, where everything is installed and built. Needs nothing but Node.js 20. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandFor, IS_PACKAGE, PINNED_NODE, ROOT } from './bootstrap/paths.mjs';
import { underPinnedNode } from './bootstrap/pinned-node.mjs';
import { complain } from './bootstrap/say.mjs';

const OLDEST_NODE = 20;
const HELP = `Usage: ${commandFor('start')} [command]

  start           start everything and print a link that signs you in (the default)
  sign-in-link    print a new link of the Slipway that runs
  nats-identity   make the keys for a nats-server of your own
  --version       print the version

PORT (4000) and SLIPWAY_DATA_DIR (~/.slipway) are the settings to begin with; docs/operations.md has them all.
`;

/** @type {Record<string, () => unknown>} */
const COMMANDS = {
  start,
  'sign-in-link': () => import('./sign-in-link.mjs'),
  'nats-identity': () => import('./nats-identity.mjs'),
  '--version': () => process.stdout.write(`${JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version}\n`),
  '--help': () => process.stdout.write(HELP),
};

async function start() {
  if (!IS_PACKAGE) return refuse('This is a checkout, not the npm package: use "npm start", which also installs and builds.');
  if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE)
    return refuse(
      `Node.js ${OLDEST_NODE} or later is needed; this is ${process.version}. Install one from https://nodejs.org and try again.`,
    );
  if (!existsSync(PINNED_NODE))
    return refuse(
      `The Node.js that Slipway runs on is missing: there is no ${PINNED_NODE}. It comes as an optional package for Linux on x64 and arm64; install without --omit=optional.`,
    );
  if (await underPinnedNode()) return;
  const { launch } = await import('./launcher/launch.mjs');
  process.exit(await launch({ prepare: () => Promise.resolve(true) }));
}

/** @param {string} message */
function refuse(message) {
  complain(message);
  process.exitCode = 1;
}

const name = process.argv[2] ?? 'start';
const command = COMMANDS[name];
if (command) {
  // What it calls takes the arguments that are left.
  if (name !== 'start') process.argv.splice(2, 1);
  await command();
} else refuse(`There is no command "${name}".\n\n${HELP}`);
