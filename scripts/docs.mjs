#!/usr/bin/env node
/** `npm run docs:dev` and `npm run docs:build`: the docs as a site. Its tools are installed by its first use, as nothing else needs them. */
import { installPackages } from './bootstrap/install.mjs';
import { underPinnedNode } from './bootstrap/pinned-node.mjs';

if (!(await installPackages({ tools: true }))) process.exit(1);
if (!(await underPinnedNode())) {
  const { runSite } = await import('./docs/site.mjs');
  process.exitCode = await runSite(process.argv[2] === 'build' ? 'build' : 'dev');
}
