import { resolve } from 'node:path';
import { endEverything } from './sandbox/end-everything.js';

/** `node end-everything.js <folder of an agent> <grace time in ms>`, by whoever started an agent that does not end what it has started. */
const [agentDir, graceMs] = process.argv.slice(2);
if (!agentDir || !graceMs) throw new Error('Give the folder of the agent and the grace time in milliseconds.');
await endEverything(resolve(agentDir), Number(graceMs));
