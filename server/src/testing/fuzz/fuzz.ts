/** `read` reads one input; throws when what it brings is not what readers promise. */
export type Target = { name: string; inputs(seed: number): Generator<string>; read(input: string): void };

export type Fuzzed = { inputs: number; worstMs: number; worst: string };

/** @throws Error that says with which input a reader broke its promise */
export function fuzz(target: Target, count: number, seed: number): Fuzzed {
  const fuzzed: Fuzzed = { inputs: 0, worstMs: 0, worst: '' };
  for (const input of target.inputs(seed)) {
    if (fuzzed.inputs === count) break;
    const start = process.cpuUsage();
    try {
      target.read(input);
    } catch (cause) {
      throw new Error(`${target.name}, seed ${seed}, input ${fuzzed.inputs}: ${JSON.stringify(input)}`, { cause });
    }
    const tookMs = process.cpuUsage(start).user / 1_000;
    fuzzed.inputs++;
    if (tookMs > fuzzed.worstMs) Object.assign(fuzzed, { worstMs: tookMs, worst: input.slice(0, 200) });
  }
  return fuzzed;
}
