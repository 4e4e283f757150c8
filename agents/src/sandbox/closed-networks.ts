import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { findProgram } from './tools.js';

/**
 * Where what runs in the sandbox has no way to: every network that is not the public internet
 * (https://www.iana.org/assignments/iana-ipv4-special-registry, and all that is sent to more than one machine), and this machine's own
 * addresses. A service there was never meant for strangers, and many a cloud hands out its keys on a link-local address. Networks of
 * sandboxes have no IPv6 at all.
 */
const CLOSED = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '203.0.113.0/24',
  '224.0.0.0/3',
];
const ALL_BITS = 32;

type Range = { first: number; prefix: number };

/** An IPv4 address, or a network such as `10.1.0.0/16`. Null: it is neither. */
export function parseNetwork(text: string): Range | null {
  const [address = '', length = `${ALL_BITS}`, ...more] = text.split('/');
  if (!isIPv4(address) || !/^\d{1,2}$/.test(length) || Number(length) > ALL_BITS || more.length > 0) return null;
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return { first: number - (number % sizeOf(Number(length))), prefix: Number(length) };
}

/**
 * The networks to close, in the notation of `ip route`, none twice.
 * @param allowed addresses and networks that stay open
 */
export function closedNetworks(allowed: string[], own: string[] = ownAddresses()): string[] {
  const [open, closed] = [allowed, [...CLOSED, ...own]].map((texts) => texts.map(parseNetwork).filter((range) => range !== null));
  return [...new Set((closed ?? []).flatMap((range) => without(range, open ?? [])).map(textOf))];
}

/** A script of a shell that has the rights over the network namespace that it is in. Null: this machine has nothing to set routes with. */
export function closingScript(networks: string[]): string | null {
  const ip = ['ip', 'busybox'].find((program) => findProgram(program, process.env.PATH ?? '') !== null);
  if (!ip) return null;
  return `for network in ${networks.join(' ')}; do ${ip === 'ip' ? ip : `${ip} ip`} route add unreachable $network </dev/null; done`;
}

/** Addresses by which others reach this machine. */
function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.filter(({ address }) => isIPv4(address) && !address.startsWith('127.')).map(({ address }) => address);
}

const sizeOf = (prefix: number): number => 2 ** (ALL_BITS - prefix);
const lastOf = ({ first, prefix }: Range): number => first + sizeOf(prefix) - 1;
const contains = (outer: Range, inner: Range): boolean => outer.first <= inner.first && lastOf(inner) <= lastOf(outer);

/** Halves what holds an open network, until each part is closed or open as a whole. */
function without(range: Range, open: Range[]): Range[] {
  if (open.some((each) => contains(each, range))) return [];
  const inside = open.filter((each) => contains(range, each));
  if (inside.length === 0) return [range];
  const prefix = range.prefix + 1;
  return [range.first, range.first + sizeOf(prefix)].flatMap((first) => without({ first, prefix }, inside));
}

const textOf = ({ first, prefix }: Range): string =>
  `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.')}/${prefix}`;
