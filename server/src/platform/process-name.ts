import { readFileSync } from 'node:fs';

/**
 * Names one process for ever, as a number alone may be given to another: pid:start-time, the latter as in field 22 of /proc/<pid>/stat and 0
 * where there is no /proc.
 */
export type ProcessName = string;

export const nameOfThisProcess = (): ProcessName => `${process.pid}:${factsOf(process.pid)?.startTime ?? '0'}`;

export function isAlive(name: ProcessName): boolean {
  const [pid = '', startTime] = name.split(':');
  if (startTime !== '0') {
    const facts = factsOf(pid);
    return facts !== null && facts.startTime === startTime && facts.state !== 'Z';
  }
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function factsOf(pid: string | number): { state: string | undefined; startTime: string | undefined } | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return { state: fields[0], startTime: fields[19] };
  } catch {
    return null; // ended since, or there is no /proc
  }
}
