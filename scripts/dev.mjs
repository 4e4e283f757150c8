#!/usr/bin/env node
/**
 * `npm run dev`: everything that `npm start` runs, from sources that are watched. What changes is compiled and restarted, and the page is Vite's.
 * Like start.mjs it needs nothing but Node.js 20.
 */
import { installPackages } from './bootstrap/install.mjs';
import { underPinnedNode } from './bootstrap/pinned-node.mjs';
import { complain } from './bootstrap/say.mjs';

if (!(await installPackages({ tools: true }))) {
  complain('The npm packages could not be installed; npm says above why.');
  process.exit(1);
}
if (!(await underPinnedNode())) {
  const { develop } = await import('./dev/develop.mjs');
  process.exit(await develop(process.env));
}
