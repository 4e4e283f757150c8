/** A deploy target in a process of its own, to be killed: `node target-process.mjs <agent folder> <router socket> <server url>`. Reads `[environment, generation]` over IPC. */
import { createDeployTarget } from '../../../dist/deploy/deploy-target.js';
import { WorkspaceProgram } from '../../../dist/job/workspace-program.js';
import { openSandbox } from '../../../dist/sandbox/open-sandbox.js';

const [agentDir, routerSocket, url] = process.argv.slice(2);
const complain = (fields, message) => process.stderr.write(`${message} ${fields.err?.message ?? ''}\n`);
const target = createDeployTarget({
  agentDir,
  agentKey: Buffer.from('the seed of an agent'),
  routerSocket,
  sandbox: await openSandbox({ agentDir, passedEnv: [] }),
  program: await WorkspaceProgram.install(agentDir, { entries: 1_000, bytes: 100 * 1024 ** 2 }),
  httpUrl: () => url,
  request: async (verb, payload) => (await fetch(`${url}/requests/${verb}`, { method: 'POST', body: JSON.stringify(payload) })).json(),
  logger: { warn: complain, error: complain },
});
await target.adoptAll();
process.on('message', ([environmentId, generation]) => target.apply(environmentId, generation));
process.send('ready');
