import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

const PROTOCOL = new URL('../../../protocol/src/index.ts', import.meta.url).href;

/** For threads that tests start: they are plain Node.js, and read the sources too, not what was built of them. */
registerHooks({
  resolve(specifier, context, next) {
    if (specifier === '@slipway/protocol') return { url: PROTOCOL, shortCircuit: true };
    const isSource = /^\.{0,2}\/|^file:/.test(specifier) && specifier.endsWith('.js');
    const source = isSource ? new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL) : null;
    return source && existsSync(fileURLToPath(source)) ? { url: source.href, shortCircuit: true } : next(specifier, context);
  },
});
