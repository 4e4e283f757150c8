import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
/** Whether this is the npm package, which is built and lies among the packages that it needs. A checkout has them inside. */
export const IS_PACKAGE = basename(dirname(ROOT)) === 'node_modules';
export const NODE_MODULES = IS_PACKAGE ? dirname(ROOT) : join(ROOT, 'node_modules');
/** What is known of this checkout between two starts; may be deleted at any time. */
export const STAMPS = join(NODE_MODULES, '.cache', 'slipway');
/** By its package and not in `.bin`: npm 10 loses that link when it leaves out the package of another platform. */
const NODE = join(`node-${process.platform}-${process.arch}`, 'bin', 'node');
/** A package of another version, among those of the user, has ours put inside. */
const ownNode = join(ROOT, 'node_modules', NODE);
export const PINNED_NODE = existsSync(ownNode) ? ownNode : join(NODE_MODULES, NODE);
/** Where data and fetched programs are, unless a setting says otherwise. npm removes and replaces the folder of a package. */
export const HOME = join(IS_PACKAGE ? homedir() : ROOT, '.slipway');
/** From where relative paths in settings count: npm runs the scripts of a checkout in its root. */
export const BASE = IS_PACKAGE ? process.cwd() : ROOT;

/** How people call us, for messages. @param {'start' | 'sign-in-link' | 'nats-identity'} command */
export function commandFor(command) {
  if (!IS_PACKAGE)
    return { start: 'npm start', 'sign-in-link': 'npm run sign-in-link', 'nats-identity': 'npm run nats-identity --' }[command];
  const { name } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return command === 'start' ? `npx ${name}` : `npx ${name} ${command}`;
}
