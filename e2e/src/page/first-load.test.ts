import { afterAll, beforeAll, expect, it } from 'vitest';
import { Installation } from '../installation.js';
import { NewcomersPage } from '../newcomers-page.js';

const MAX_SCRIPT_BYTES = 250_000;

let installation: Installation;
let newcomer: NewcomersPage;

beforeAll(async () => {
  installation = await Installation.create();
  newcomer = await NewcomersPage.open(installation);
  await newcomer.followSignInLink();
});
afterAll(async () => {
  await newcomer?.[Symbol.asyncDispose]();
  await installation?.destroy();
});

it.each(['/sign-in', '/projects', '/projects/sample/hello/runs/1', '/activity'])('sends little when %s is opened first', async (path) => {
  const { scriptBytes } = await newcomer.firstLoad(path);
  expect(scriptBytes).toBeGreaterThan(50_000);
  expect(scriptBytes).toBeLessThanOrEqual(MAX_SCRIPT_BYTES);
});
