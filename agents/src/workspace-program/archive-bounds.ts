import type { ArchiveBounds } from './messages.ts';
import { shown } from './names.ts';
import type { Entry } from './tar.ts';

/** What an administrator does when an honest archive is too large. */
const REMEDY = 'ask an administrator to raise SLIPWAY_MAX_UNPACKED_MIB of the agents';

export const tooManyBytes = (bytes: number, bounds: ArchiveBounds, largest: Entry): string =>
  `its files take ${readable(bytes)}, but only ${readable(bounds.bytes)} are allowed (${shown(largest.path)} alone takes ${readable(largest.size)}). Name fewer or smaller files under "artifacts", or ${REMEDY}`;

export const tooManyEntries = (bounds: ArchiveBounds): string =>
  `it has more than ${bounds.entries} entries. Pack them into a file first, or name fewer under "artifacts"`;

export function readable(bytes: number): string {
  const unit = UNITS.findLast(({ size }) => bytes >= size);
  return unit ? `${(bytes / unit.size).toFixed(1)} ${unit.name}` : `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
}

const UNITS = [
  { name: 'KiB', size: 1024 },
  { name: 'MiB', size: 1024 ** 2 },
  { name: 'GiB', size: 1024 ** 3 },
];
