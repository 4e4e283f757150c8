#!/usr/bin/env node
/** `npm run package`: builds, and makes the npm package of this version in releases/. */
import { installPackages } from './bootstrap/install.mjs';
import { underPinnedNode } from './bootstrap/pinned-node.mjs';

if (!(await installPackages({ tools: false }))) process.exit(1);
if (!(await underPinnedNode())) {
  const { makePackage } = await import('./release/pack.mjs');
  await makePackage();
}
