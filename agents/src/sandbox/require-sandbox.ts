import type { Sandbox } from './sandbox.js';

/** For agents that must run nothing without isolation. @throws Error that names what is missing */
export function requireSandbox({ facts, isolatesPorts }: Pick<Sandbox, 'facts' | 'isolatesPorts'>): void {
  const holds = facts.mode === 'sandboxed' && facts.limits === 'enforced' && facts.network === 'isolated' && isolatesPorts;
  if (holds) return;
  throw new Error(
    `The agent does not start: SLIPWAY_SANDBOX=required, and this machine can't isolate what runs here.\n${facts.notes.map((note) => `  ${note}`).join('\n')}`,
  );
}
