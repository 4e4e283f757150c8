#!/usr/bin/env node
/** `npm run bench -- <name>`: goes on in the pinned Node.js, which runs TypeScript as it is. */
import { underPinnedNode } from '../scripts/bootstrap/pinned-node.mjs';

if (!(await underPinnedNode())) {
  const { main } = await import('./main.ts');
  process.exit(await main(process.argv.slice(2)));
}
