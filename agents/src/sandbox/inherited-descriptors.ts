import { closeSync, readdirSync, readFileSync } from 'node:fs';

const STANDARD = 3;
const CLOSES_ON_EXEC = 0o2000000;

/**
 * Closes what whoever started this process has left open, such as the lock of `flock 200`: the agent does not know of it, and jobs would
 * have it too. Node.js takes care of the first of them alone; what it opened itself, and its channel to the launcher, is not handed on anyhow.
 */
export function closeInheritedDescriptors(): void {
  const descriptors = readdirSync('/proc/self/fd').map(Number);
  for (const descriptor of descriptors) if (descriptor >= STANDARD && isHandedOn(descriptor)) closeSync(descriptor);
}

function isHandedOn(descriptor: number): boolean {
  try {
    const [, flags = '0'] = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1')) ?? [];
    return (Number.parseInt(flags, 8) & CLOSES_ON_EXEC) === 0;
  } catch {
    return false; // the one that listed them
  }
}
