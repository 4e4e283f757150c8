import { nodeTests } from '../vitest.shared.ts';

export default nodeTests({ globalSetup: ['src/testing/global-setup.ts'], setupFiles: ['reflect-metadata'] });
