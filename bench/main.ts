import { build } from '../scripts/bootstrap/build.mjs';
import type { Bench } from './lib/bench.ts';
import { machine } from './lib/machine.ts';
import { printResult } from './lib/print-result.ts';

/** Loaded when asked for, so that one bench pays for no other's imports. */
const BENCHES: Record<string, () => Promise<{ bench: Bench }>> = {
  branches: () => import('./benches/branches.ts'),
  dispatch: () => import('./benches/dispatch.ts'),
  'log-bulk': () => import('./benches/log-bulk.ts'),
  'log-latency': () => import('./benches/log-latency.ts'),
  start: () => import('./benches/start.ts'),
  idle: () => import('./benches/idle.ts'),
  router: () => import('./benches/router.ts'),
  switch: () => import('./benches/switch.ts'),
  mirror: () => import('./benches/mirror.ts'),
  checkout: () => import('./benches/checkout.ts'),
};

/** @returns exit code: 0 also when an aim is missed, as absolute times depend on the machine */
export async function main(names: string[]): Promise<number> {
  const unknown = names.filter((name) => !(name in BENCHES));
  if (names.length === 0 || unknown.length > 0) {
    const said = unknown.length > 0 ? `There is no bench "${unknown[0]}". ` : '';
    process.stderr.write(`${said}Use: npm run bench -- <name> …, with names out of: ${Object.keys(BENCHES).join(', ')}.\n`);
    return 2;
  }
  if (!(await build())) return 1;
  for (const name of names) {
    const { bench } = await (BENCHES[name] as (typeof BENCHES)[string])();
    const result = await bench();
    printResult({ bench: name, at: new Date().toISOString(), machine: await machine(), ...result });
  }
  return 0;
}
