#!/usr/bin/env node
/** `npm run check`: format, lint and arrows, types, schema, dead code. Quick; `npm test` runs it too. */
import { installPackages } from './bootstrap/install.mjs';
import { underPinnedNode } from './bootstrap/pinned-node.mjs';

if (!(await installPackages({ tools: true }))) process.exit(1);
if (!(await underPinnedNode())) {
  const { build } = await import('./bootstrap/build.mjs');
  const { CHECKS, runChecks } = await import('./check/checks.mjs');
  const sum = (await build()) ? await runChecks(CHECKS) : { failed: 1 };
  process.exitCode = sum.failed === 0 ? 0 : 1;
}
