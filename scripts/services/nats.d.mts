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
export function startNats(options: {
  dir: string;
  binary?: string;
  port?: number;
  identity?: NatsIdentity;
}): Promise<{ url: string; pid: number; identity: NatsIdentity; kill(): Promise<void>; stop(): Promise<void> }>;
