import { describe, expect, it } from 'vitest';
import { sandboxFacts, sandboxWords } from './agent-facts.ts';

const weak = (value: unknown) => {
  const facts = sandboxFacts(value);
  return (facts ? sandboxWords(facts) : []).filter(({ isWeak }) => isWeak).map(({ name }) => name);
};

describe('what an agent says of its sandbox', () => {
  it('has nothing in red where all holds', () => {
    expect(weak({ mode: 'sandboxed', limits: 'enforced', network: 'isolated', untrusted: true, notes: [] })).toEqual([]);
  });

  it('has in red each thing that does not hold', () => {
    expect(weak({ mode: 'unsandboxed', limits: 'not_enforced', network: 'host', untrusted: false, notes: [] })).toEqual([
      'Sandbox',
      'Limits',
      'Network of jobs',
    ]);
  });

  it("has in red that strangers' code runs where nothing holds it in", () => {
    expect(weak({ mode: 'sandboxed', limits: 'enforced', network: 'host', untrusted: true })).toEqual([
      'Network of jobs',
      'Code from forks',
    ]);
  });

  it('says what a job may use, and of that only what holds', () => {
    const jobLimits = { cpuCores: 1.8, memoryMib: 2048, processes: 4096, diskMib: 10_240 };
    const said = (limits: string) => {
      const facts = sandboxFacts({ mode: 'sandboxed', limits, network: 'isolated', jobLimits });
      return facts && sandboxWords(facts).find(({ name }) => name === 'Limits of a job')?.text;
    };
    expect(said('enforced')).toMatch(/^1\.8 cores, .* of memory, 4096 processes, .* of disk \(watched\)$/);
    expect(said('not_enforced')).toMatch(/^4096 processes, .* of disk \(watched\)$/);
  });

  it('is nothing where it is of another shape', () => {
    expect(sandboxFacts({ limits: 1 })).toBeNull();
    expect(sandboxFacts({ mode: 'sandboxed', untrusted: 'yes' })).toMatchObject({ untrusted: false, network: null });
  });
});
