import { fuzz } from './fuzz.js';
import { TARGETS } from './targets.js';

/** `npm run fuzz -w server -- <inputs> [<seed> [<target>]]`: prints what each reader took, or the input that it broke at. */
const [count = '100000', seed = String(Date.now() % 1_000_000), only] = process.argv.slice(2);
for (const target of TARGETS) {
  if (only !== undefined && target.name !== only) continue;
  const start = performance.now();
  const { inputs, worstMs, worst } = fuzz(target, Number(count), Number(seed));
  const seconds = ((performance.now() - start) / 1_000).toFixed(0);
  console.log(
    `${target.name}: ${inputs} inputs of seed ${seed} in ${seconds} s, the slowest ${worstMs.toFixed(1)} ms: ${JSON.stringify(worst)}`,
  );
}
