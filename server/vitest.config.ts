import { fileURLToPath } from 'node:url';
import { keepTemporaryFilesInMemory, nodeTests } from '../vitest.shared.ts';

const sourceModules = fileURLToPath(new URL('src/testing/source-modules.mjs', import.meta.url));

keepTemporaryFilesInMemory();

export default nodeTests({
  globalSetup: ['src/testing/global-setup.ts'],
  setupFiles: ['reflect-metadata'],
  // Threads of the server inherit it, and read the sources by themselves.
  execArgv: ['--experimental-transform-types', '--disable-warning=ExperimentalWarning', '--import', sourceModules],
});
