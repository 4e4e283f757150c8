export type Tools = { cacheDir?: string; say?: (message: string) => void };
export function findNatsServer(tools: Tools): Promise<string>;
/** The distribution's old one beside it, for tests on both; null where there is none. */
export function findDistributionNatsServer(tools: Tools): Promise<string | null>;
