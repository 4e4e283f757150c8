import { readFileSync, readlinkSync } from 'node:fs';
import type { RoutedBackend } from '@slipway/protocol';

export type ListeningProcess = NonNullable<RoutedBackend['listener']>;

const OWN_NAMESPACE = readlinkSync('/proc/self/ns/pid');

/**
 * Whether it is there still: the kernel answers within microseconds. One that has ended and was not waited for yet holds no port any more.
 * True for one that can't be looked at from here.
 */
export function listens({ pid, startTime, pidNamespace }: ListeningProcess): boolean {
  if (pidNamespace !== OWN_NAMESPACE) return true;
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name stands in brackets and may itself hold brackets and spaces. The start time is field 22, the state field 3.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] !== 'Z' && fields[0] !== 'X' && Number(fields[19]) === startTime;
  } catch {
    return false;
  }
}
