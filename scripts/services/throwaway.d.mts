export type NatsIdentity = {
  operatorSeed: string;
  systemSeed: string;
  accountSeed: string;
  operatorJwt: string;
  systemJwt: string;
  accountJwt: string;
  serverSeed: string;
  serverJwt: string;
};
type Tools = { cacheDir?: string; say?: (message: string) => void };

export function startPostgres(options: { dir: string; logFile: string; throwaway?: boolean; say?: (message: string) => void }): Promise<{
  url: string;
  pid: number;
  stop(): Promise<void>;
}>;
/** A port that nobody listens on, and that nobody gets who asks for any. */
export function freePort(): Promise<number>;
export function makeIdentity(): Promise<NatsIdentity>;
export function startNats(options: { dir: string; binary?: string; port?: number; identity?: NatsIdentity }): Promise<{
  url: string;
  identity: NatsIdentity;
  pid: number;
  kill(): Promise<void>;
  stop(): Promise<void>;
}>;
export function findNatsServer(tools: Tools): Promise<string>;
/** The distribution's old one beside it, for tests on both; null where there is none. */
export function findDistributionNatsServer(tools: Tools): Promise<string | null>;
