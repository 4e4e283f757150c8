import { isIPv6 } from 'node:net';

type Asked = { headers: Record<string, string | string[] | undefined>; socket: { remoteAddress?: string | undefined } };

/**
 * Address of who asks. Each proxy appends whom it heard the request from to X-Forwarded-For, so only the entries that our own proxies made are true: from
 * the right, as many as there are proxies. What stands left of them anybody can write.
 * @param trustedProxies how many proxies stand in front, each reachable only through the one before; 0: the header is not looked at
 */
export function clientAddress({ headers, socket }: Asked, trustedProxies: number): string {
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',');
  const heardFrom = forwarded
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  return [...heardFrom, socket.remoteAddress ?? ''].at(-1 - Math.min(trustedProxies, heardFrom.length)) ?? '';
}

/** Whether a hop is one of our own proxies, as Fastify asks: hop 0 is the connected peer. */
export const trustFirst = (trustedProxies: number) =>
  trustedProxies > 0 ? (_address: string, hop: number) => hop < trustedProxies : false;

/** What one customer of a provider has: an IPv4 address, or the /64 of an IPv6 address, out of which anybody can take billions. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  const plain = address.split('%', 1)[0] ?? '';
  if (!isIPv6(plain)) return address;
  const [head = '', tail] = plain.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const missing = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array<string>(Math.max(0, missing)).fill('0'), ...groups(tail ?? '')];
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
