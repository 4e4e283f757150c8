import { watch } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../bootstrap/paths.mjs';
import { run } from '../bootstrap/run.mjs';

/** Editors write a file in several steps. */
const SETTLED_MS = 100;

/** The page's types follow its `.graphql` files and the schema. */
export function generateAndWatch() {
  let work = generate();
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const again = () => {
    clearTimeout(timer);
    timer = setTimeout(() => (work = work.then(generate)), SETTLED_MS);
  };
  const watchers = [
    watch(join(ROOT, 'web', 'src'), { recursive: true }, (_event, file) => file?.endsWith('.graphql') && again()),
    watch(ROOT, (_event, file) => file === 'schema.graphql' && again()),
  ];
  return {
    generated: work,
    stop: async () => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
      await work;
    },
  };
}

/** What is wrong with an operation is said on the screen, and the types stay as they are. @returns {Promise<unknown>} */
function generate() {
  return run(process.execPath, ['codegen.ts'], { cwd: join(ROOT, 'web') });
}
