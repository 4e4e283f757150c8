import type { EnvironmentFacts } from './api.js';
import { eventually } from './eventually.js';
import type { Installation } from './installation.js';
import { Traffic } from './traffic.js';
import type { WorkingCopy } from './working-copy.js';

/** The sample project that an empty installation makes itself. */
export const SAMPLE = 'sample';

/** The headline of the sample's page is what people edit first, and so its version here. */
export const headlineOf = (html: string): string => /<h1>([^<]*)<\/h1>/.exec(html)?.[1] ?? `no headline in ${html.slice(0, 100)}`;

export const FIRST_GREETING = 'Hello from Slipway';

/** @returns the environment of the sample, once its first run has deployed it */
export async function deployedSample(installation: Installation): Promise<EnvironmentFacts & { url: string }> {
  await eventually(
    "the sample's first run to succeed",
    60_000,
    async () => (await installation.api.runs(SAMPLE)).at(-1)?.state === 'SUCCEEDED',
  );
  const environment = await installation.api.environment(SAMPLE, 'development');
  return { ...environment, url: `http://127.0.0.1:${environment.port}/` };
}

/** @returns the commit, not pushed */
export async function changeGreeting(copy: WorkingCopy, greeting: string): Promise<string> {
  const page = await copy.read('src/page.js');
  await copy.write('src/page.js', page.replace(/const greeting = '.*';/, `const greeting = '${greeting}';`));
  return copy.commit(`Say ${greeting}`);
}

/** Requests to the sample's environment, by its headline. */
export const trafficTo = (url: string): Traffic => new Traffic(url, headlineOf);
