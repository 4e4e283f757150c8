import { formatBytes } from '../../ui/format.ts';

/** What an agent says of itself in free form (JSON); anything missing or of another shape is left out. */
export type SandboxFacts = {
  mode: string;
  limits: string | null;
  network: string | null;
  untrusted: boolean;
  jobLimits: LimitFacts | null;
  notes: string[];
};
type LimitFacts = { cpuCores: number; memoryMib: number; processes: number; diskMib: number };
export type LoadFacts = { cpu: number; memoryUsed: number; memoryTotal: number; diskFree: number };

type Fields = Record<string, unknown>;

export function sandboxFacts(value: unknown): SandboxFacts | null {
  if (!isFields(value) || typeof value.mode !== 'string') return null;
  const notes = Array.isArray(value.notes) ? value.notes.filter((note) => typeof note === 'string') : [];
  return {
    mode: value.mode,
    limits: textOrNull(value.limits),
    network: textOrNull(value.network),
    untrusted: value.untrusted === true,
    jobLimits: limitFacts(value.jobLimits),
    notes,
  };
}

/** The same in words; `isWeak`: whoever runs strangers' code should know. */
export function sandboxWords({
  mode,
  limits,
  network,
  untrusted,
  jobLimits,
}: SandboxFacts): { name: string; text: string; isWeak: boolean }[] {
  const isOpen = mode !== 'sandboxed' || network !== 'isolated';
  return [
    { name: 'Sandbox', text: mode, isWeak: mode !== 'sandboxed' },
    ...(limits === null ? [] : [{ name: 'Limits', text: limits.replace('_', ' '), isWeak: limits !== 'enforced' }]),
    ...(network === null
      ? []
      : [{ name: 'Network of jobs', text: network === 'isolated' ? 'isolated' : "this machine's own", isWeak: network !== 'isolated' }]),
    ...(jobLimits === null ? [] : [{ name: 'Limits of a job', text: limitText(jobLimits, limits === 'enforced'), isWeak: false }]),
    { name: 'Code from forks', text: untrusted ? 'runs here' : 'does not run here', isWeak: untrusted && isOpen },
  ];
}

/** Without control groups only the number of processes and the watch over the disk hold. */
function limitText({ cpuCores, memoryMib, processes, diskMib }: LimitFacts, isEnforced: boolean): string {
  const held = isEnforced ? [`${cpuCores} cores`, `${formatBytes(memoryMib * 1024 ** 2)} of memory`] : [];
  return [...held, `${processes} processes`, `${formatBytes(diskMib * 1024 ** 2)} of disk (watched)`].join(', ');
}

function limitFacts(value: unknown): LimitFacts | null {
  if (!isFields(value)) return null;
  const { cpuCores, memoryMib, processes, diskMib } = value;
  return [cpuCores, memoryMib, processes, diskMib].every((each) => typeof each === 'number')
    ? ({ cpuCores, memoryMib, processes, diskMib } as LimitFacts)
    : null;
}

export function loadFacts(value: unknown): LoadFacts | null {
  if (!isFields(value)) return null;
  const { cpu, memoryUsed, memoryTotal, diskFree } = value;
  const all = [cpu, memoryUsed, memoryTotal, diskFree];
  if (!all.every((each) => typeof each === 'number')) return null;
  return { cpu, memoryUsed, memoryTotal, diskFree } as LoadFacts;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
