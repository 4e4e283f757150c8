import type { InstanceRecord } from './environment-state.js';
import type { HealthAnswer } from './health-check.js';

/** How one life of an instance ended. `memory`: that a limit had a part in it, as the end of a sentence. */
export type End =
  | { kind: 'exited'; code: number | null; memory?: string }
  | { kind: 'out_of_storage'; told: string }
  | { kind: 'out_of_time'; answer: HealthAnswer }
  | { kind: 'not_started'; why: string };

export function endText(end: End, path: string): string {
  if (end.kind === 'exited') return `It ended ${exitText(end)}`;
  if (end.kind === 'out_of_storage') return `It was stopped: its files ${end.told}`;
  return end.kind === 'out_of_time' ? `GET ${path} ${end.answer.told}` : end.why;
}

export function exitText(end: End): string {
  if (end.kind !== 'exited' || end.code === null) return 'without an exit code (it was killed, or the machine restarted)';
  const how = end.code > 128 ? `by signal ${end.code - 128}` : `with exit code ${end.code}`;
  return end.memory ? `${how}, ${end.memory}` : how;
}

export function memoryText({ limits }: InstanceRecord): string {
  const limitMib = limits?.memoryMib ?? null;
  if (limitMib === null) return 'because the machine ran out of memory';
  return `as it needed more than the ${limitMib} MiB of memory that it may use`;
}
