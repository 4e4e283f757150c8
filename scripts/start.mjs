#!/usr/bin/env node
/**
 * `npm start`: everything that Slipway needs, on this machine. This file, bootstrap/ and what fetches programs use nothing but
 * Node.js 20 itself, as nothing may be installed yet; the rest runs under the pinned Node.js that npm installs.
 */
import { existsSync } from 'node:fs';
import { installPackages, whyInstall } from './bootstrap/install.mjs';
import { isOrphaned } from './bootstrap/parent.mjs';
import { underPinnedNode } from './bootstrap/pinned-node.mjs';
import { complain } from './bootstrap/say.mjs';
import { fetchPrograms } from './services/fetch-programs.mjs';

const OLDEST_NODE = 20;

if (Number(process.versions.node.split('.')[0]) < OLDEST_NODE) {
  complain(`Node.js ${OLDEST_NODE} or later is needed; this is ${process.version}. Install one from https://nodejs.org and try again.`);
  process.exit(1);
}
if (!existsSync(new URL('../package-lock.json', import.meta.url))) {
  complain('package-lock.json is missing: this checkout is not complete. Clone it again, or run "git checkout package-lock.json".');
  process.exit(1);
}
// At the first start programs are fetched meanwhile; else the launcher looks for them.
const fetching = whyInstall() === null ? undefined : fetchPrograms(process.env);
const [installed] = await Promise.all([installPackages({ tools: false }), fetching]);
if (!installed) {
  complain('The npm packages could not be installed; npm says above why. Fix that (network, proxy or disk space?), then start again.');
  process.exit(1);
}
// npm was ended while it installed.
if (isOrphaned()) process.exit(143);
if (!(await underPinnedNode())) {
  const { launch } = await import('./launcher/launch.mjs');
  // Whatever is still being fetched or prepared is given up.
  process.exit(await launch());
}
