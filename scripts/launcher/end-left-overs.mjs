import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { endLeftOvers } from './data-folder.mjs';
import { isRunning } from './process-facts.mjs';
import { places } from './settings.mjs';

const LOOK_MS = 200;

/**
 * `node end-left-overs.mjs <data folder> <ms for the agent to end in order>`: when the launcher was killed. What is in good health ends by itself; what is not, or never
 * notices, is ended here. Another launcher that has come meanwhile sees to all of that: exit code 1.
 */
const [dataDir = '', agentWithinMs] = process.argv.slice(2);
const at = places(dataDir);
/** @param {string} file @returns {Promise<any>} */
const read = (file) => readFile(file, 'utf8').then(JSON.parse, () => null);
const isReplaced = async () => {
  const holder = await read(at.lock);
  return holder !== null && isRunning(holder);
};

const agent = (await read(at.services))?.processes?.agent;
for (const giveUpAt = Date.now() + Number(agentWithinMs); agent && isRunning(agent) && Date.now() < giveUpAt; ) {
  if (await isReplaced()) process.exit(1);
  await sleep(LOOK_MS);
}
if (await isReplaced()) process.exit(1);
await endLeftOvers(at, () => undefined);
process.exit((await isReplaced()) ? 1 : 0);
