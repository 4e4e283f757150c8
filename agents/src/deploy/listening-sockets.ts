import { readFile } from 'node:fs/promises';

const LISTENS = '0A';
/** Local addresses that a connection to 127.0.0.1 reaches, as the kernel writes them. */
const REACHED = ['0100007F', '00000000', '0'.repeat(32), '0000000000000000FFFF00000100007F'];

/** `inode`: its number, which is not used again while it is open. `address`: as `/proc/net/tcp` and `tcp6` write it, in words of the machine's byte order. */
export type ListeningSocket = { inode: string; address: string; port: number };

/** All in the network that this process is in, whoever holds them; none when it has ended. */
export async function listeningSockets(pid: number | 'self'): Promise<ListeningSocket[]> {
  const tables = await Promise.all(['tcp', 'tcp6'].map((table) => readFile(`/proc/${pid}/net/${table}`, 'utf8').catch(() => '')));
  return tables
    .join('\n')
    .split('\n')
    .filter((line) => line.includes(` ${LISTENS} `)) // of a busy machine the tables have thousands of others
    .flatMap((line) => {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      const [address = '', port = ''] = local.split(':');
      return state === LISTENS && inode ? [{ inode, address, port: Number.parseInt(port, 16) }] : [];
    });
}

export const isReached = ({ address }: ListeningSocket): boolean => REACHED.includes(address);
export const isAnyIpv6 = ({ address }: ListeningSocket): boolean => address === '0'.repeat(32);

/** As people write it: `127.0.0.1:80`, `[::1]:80`. */
export function textOf({ address, port }: ListeningSocket): string {
  const bytes = (address.match(/.{8}/g) ?? []).flatMap((word) => (word.match(/../g) ?? []).reverse());
  if (bytes.length === 4) return `${bytes.map((byte) => Number.parseInt(byte, 16)).join('.')}:${port}`;
  const groups = bytes.flatMap((byte, index) => (index % 2 === 0 ? [`${byte}${bytes[index + 1]}`] : []));
  return `${new URL(`http://[${groups.join(':')}]`).hostname}:${port}`;
}
