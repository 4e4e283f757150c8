import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { DomainError } from './errors.js';

/** Where a name leads, once that was found to be no inner address. Whoever connects must use these addresses and not ask again: the next answer may be another. */
export type CheckedHost = {
  addresses: string[];
  /** Named in the setting that allows inner addresses: whoever runs this installation knows the host. */
  vouched: boolean;
};

export type Lookup = (hostname: string) => Promise<{ address: string }[]>;

/** IANA's registries of special-purpose addresses (RFC 6890 and its updates), multicast, and the rest that is not handed out. */
const INNER_V4: [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];
/** Outside 2000::/3 nothing is global: loopback, mapped IPv4, NAT64, unique and link-local, multicast. Within it: Teredo, documentation, 6to4. */
const INNER_V6: [string, number][] = [
  ['::', 3],
  ['4000::', 2],
  ['8000::', 1],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];
const CIDR = /^(.+)\/(\d{1,3})$/;
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*$/i;

const inner = { v4: listOf(INNER_V4, 'ipv4'), v6: listOf(INNER_V6, 'ipv6') };

/** Keeps requests that people can aim from reaching this machine's network: only public addresses, and those that a setting allows. */
export class OutboundAddresses {
  private readonly names = new Set<string>();
  private readonly allowed = { v4: new BlockList(), v6: new BlockList() };

  /** @param allow host names, addresses and networks (10.1.0.0/16) that may be reached though they are inner ones */
  constructor(
    allow: readonly string[],
    private readonly find: Lookup = (hostname) => lookup(hostname, { all: true, verbatim: true }),
  ) {
    for (const entry of allow) this.add(entry);
  }

  /**
   * @param hostname as in a URL; what the system's resolver makes of it counts, so that 0x7f.1 is 127.0.0.1
   * @throws DomainError `host_not_found`, `address_refused`
   */
  async resolve(hostname: string): Promise<CheckedHost> {
    const name = bare(hostname);
    const found = await this.find(name).catch(() => []);
    const addresses = [...new Set(found.map(({ address }) => address))];
    if (addresses.length === 0) throw notFound(name);
    if (this.names.has(name)) return { addresses, vouched: true };
    const vouched = addresses.filter((address) => isIn(this.allowed, address));
    if (vouched.length > 0) return { addresses: vouched, vouched: true };
    const open = addresses.filter((address) => !isIn(inner, address));
    if (open.length === 0) throw refused(name, addresses);
    return { addresses: open, vouched: false };
  }

  private add(entry: string): void {
    const [, network = entry, bits] = CIDR.exec(entry) ?? [];
    if (isIP(network) === 0) this.names.add(bare(entry));
    else if (isIPv6(network)) this.allowed.v6.addSubnet(network, bits === undefined ? 128 : Number(bits), 'ipv6');
    else this.allowed.v4.addSubnet(network, bits === undefined ? 32 : Number(bits), 'ipv4');
  }
}

/** Whether the text can stand in the list of what is allowed. */
export function isAllowEntry(entry: string): boolean {
  const [, network = entry, bits] = CIDR.exec(entry) ?? [];
  const kind = isIP(network);
  if (kind === 0) return bits === undefined && HOST_NAME.test(entry);
  return bits === undefined || Number(bits) <= (kind === 6 ? 128 : 32);
}

/** Lower case, without the brackets of IPv6 and the dot that ends a full name. */
function bare(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}

function listOf(networks: readonly [string, number][], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [network, bits] of networks) list.addSubnet(network, bits, family);
  return list;
}

/** Families apart: a list of both would judge an IPv4 address by rules for mapped ones. */
function isIn(lists: { v4: BlockList; v6: BlockList }, address: string): boolean {
  const [plain = ''] = address.split('%');
  return isIPv6(plain) ? lists.v6.check(plain, 'ipv6') : lists.v4.check(plain, 'ipv4');
}

const notFound = (name: string) =>
  new DomainError('bad_input', 'host_not_found', `There is no host with the name "${name}". Check the address for a typo.`);

const refused = (name: string, addresses: readonly string[]) =>
  new DomainError(
    'bad_input',
    'address_refused',
    `"${name}" leads to ${addresses.join(', ')}, which is not a public address, and Slipway connects only to those. To use this host, whoever runs this installation must add it to SLIPWAY_GIT_ALLOW and restart Slipway.`,
  );
