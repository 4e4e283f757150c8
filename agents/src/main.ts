import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type App, createApp } from './app.js';
import { readConfig } from './config.js';
import { createLog } from './log.js';
import { closeInheritedDescriptors } from './sandbox/inherited-descriptors.js';

/** What the launcher says; losing the launcher means the same as being told to stop. */
const FromLauncher = z.object({ kind: z.literal('stop'), instances: z.boolean().default(false) });

const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')));

/** The first signal drains: what runs is finished. The second stops it. */
function endOn(app: App, exit: (work: Promise<void>) => void): void {
  let signals = 0;
  for (const name of ['SIGTERM', 'SIGINT'] as const)
    process.on(name, () => exit(++signals === 1 ? app.drain() : app.stop({ instances: false })));
  process.on('message', (message) => {
    const told = FromLauncher.safeParse(message);
    if (!told.success) return;
    process.send?.({ kind: 'stopping' }); // or the launcher takes it that nobody hears
    exit(app.stop({ instances: told.data.instances }));
  });
  process.on('disconnect', () => exit(app.stop({ instances: true })));
}

async function main(): Promise<void> {
  if (process.platform === 'linux') closeInheritedDescriptors();
  const config = readConfig(process.env);
  const log = createLog(config.logLevel);
  const app = await createApp(config, version, log);
  const exit = (work: Promise<void>): void => {
    work.then(
      () => process.exit(0),
      (error) => {
        log.fatal({ err: error }, 'The agent could not shut down cleanly.');
        process.exit(1);
      },
    );
  };
  endOn(app, exit);
  process.send?.({ kind: 'ready' });
  await app.run();
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
});
