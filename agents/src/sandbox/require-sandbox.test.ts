import { expect, it } from 'vitest';
import { requireSandbox } from './require-sandbox.js';

const facts = { mode: 'sandboxed', limits: 'enforced', network: 'isolated', untrusted: true, notes: [] as string[] } as const;

it('lets an agent start whose machine holds everything in', () => {
  expect(() => requireSandbox({ facts, isolatesPorts: true })).not.toThrow();
});

it.each([
  ['no sandbox', { facts: { ...facts, mode: 'unsandboxed' as const, notes: ['Install bubblewrap.'] }, isolatesPorts: true }],
  ['no limits', { facts: { ...facts, limits: 'not_enforced' as const, notes: ['Install bubblewrap.'] }, isolatesPorts: true }],
  ['no network for jobs', { facts: { ...facts, network: 'host' as const, notes: ['Install bubblewrap.'] }, isolatesPorts: true }],
  ['no network for applications', { facts: { ...facts, notes: ['Install bubblewrap.'] }, isolatesPorts: false }],
])('refuses to start with %s, and says what to do', (_what, sandbox) => {
  expect(() => requireSandbox(sandbox)).toThrow(/SLIPWAY_SANDBOX=required[\s\S]*Install bubblewrap/);
});
