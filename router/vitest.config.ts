import { nodeTests } from '../vitest.shared.ts';

/** They mostly wait for processes of their own. */
export default nodeTests({ maxWorkers: 2 });
