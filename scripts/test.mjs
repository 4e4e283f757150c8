#!/usr/bin/env node
/**
 * `npm test`: installs what is missing, builds, and runs every suite: checks, unit and integration of each workspace, end-to-end in a
 * real browser. `npm test -- server web` runs only the suites named. Like start.mjs it needs nothing but Node.js 20.
 */
import { installPackages } from './bootstrap/install.mjs';
import { underPinnedNode } from './bootstrap/pinned-node.mjs';
import { complain } from './bootstrap/say.mjs';

if (!(await installPackages({ tools: true }))) {
  complain('The npm packages could not be installed; npm says above why.');
  process.exit(1);
}
if (!(await underPinnedNode())) {
  const { testAll } = await import('./testing/test-all.mjs');
  process.exitCode = await testAll(process.argv.slice(2));
}
