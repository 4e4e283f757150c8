import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
export const NODE_MODULES = join(ROOT, 'node_modules');
/** What is known of this checkout between two starts; may be deleted at any time. */
export const STAMPS = join(NODE_MODULES, '.cache', 'slipway');
/** By its package and not in `.bin`: npm 10 loses that link when it leaves out the package of another platform. */
export const PINNED_NODE = join(NODE_MODULES, `node-${process.platform}-${process.arch}`, 'bin', 'node');
