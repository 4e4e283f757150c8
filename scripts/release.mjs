#!/usr/bin/env node
/** `npm run release -- <version> [--dry-run]`: what docs/releasing.md describes, up to the tag. Nothing leaves this machine. */
import { parseArgs } from 'node:util';
import { installPackages } from './bootstrap/install.mjs';
import { underPinnedNode } from './bootstrap/pinned-node.mjs';
import { complain } from './bootstrap/say.mjs';

if (!(await installPackages({ tools: true }))) process.exit(1);
if (!(await underPinnedNode())) {
  const { release } = await import('./release/release.mjs');
  const { values, positionals } = parseArgs({ options: { 'dry-run': { type: 'boolean', default: false } }, allowPositionals: true });
  try {
    await release(positionals[0] ?? '', { isDry: values['dry-run'] });
  } catch (error) {
    complain(/** @type {Error} */ (error).message);
    process.exitCode = 1;
  }
}
