import { statSync } from 'node:fs';
import type { SandboxUser } from './sandbox.js';

const TUN = '/dev/net/tun';
const OTHERS_READ_AND_WRITE = 0o006;
/** In the mount namespace of this command alone; another node of the same device, as the machine's may be anybody's business. */
const OWN_NODE = `mount -t tmpfs -o mode=755 tmpfs /dev/net; mknod -m 666 ${TUN} c 10 200; exec "$@"`;

/**
 * Put before a command that becomes this user and makes a network: lets it open the tun device where only root may open the machine's, as
 * there is no udev to say otherwise. Nothing of it is in a job's reach: a sandbox has a `/dev` of its own, and what can be done with the
 * device is bounded by the rights over the network.
 */
export function withTunDevice(user: SandboxUser): string[] {
  const { mode } = statSync(TUN, { throwIfNoEntry: false }) ?? { mode: OTHERS_READ_AND_WRITE };
  const isOpen = (mode & OTHERS_READ_AND_WRITE) === OTHERS_READ_AND_WRITE;
  return user === null || isOpen ? [] : ['unshare', '--mount', '--', '/bin/sh', '-ec', OWN_NODE, 'sh'];
}
