import { describe, expect, it } from 'vitest';
import { type Architecture, seccompFilter } from './seccomp.js';

type Call = { arch: number; number: number; arguments?: (number | bigint)[] };
const [EPERM, ENOSYS, EOPNOTSUPP, EAFNOSUPPORT] = [0x00050001, 0x00050026, 0x0005005f, 0x00050061];
const ALLOW = 0x7fff0000;
const ARCH: Record<Architecture, number> = { x64: 0xc000003e, arm64: 0xc00000b7 };

/** What the kernel would do: the few instructions of classic BPF that there are. Jumps out of the program are an error. */
function decide(filter: Buffer, { arch, number, arguments: given = [] }: Call): number {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(number >>> 0, 0);
  data.writeUInt32LE(arch, 4);
  for (const [at, value] of given.entries()) data.writeBigUInt64LE(BigInt(value), 16 + at * 8);
  let accumulator = 0;
  for (let at = 0; at * 8 < filter.length; at++) {
    const code = filter.readUInt16LE(at * 8);
    const [then = 0, otherwise = 0] = [filter.readUInt8(at * 8 + 2), filter.readUInt8(at * 8 + 3)];
    const k = filter.readUInt32LE(at * 8 + 4);
    if (code === 0x06) return k;
    if (code === 0x20) accumulator = data.readUInt32LE(k);
    else if (code === 0x15) at += accumulator === k ? then : otherwise;
    else if (code === 0x35) at += accumulator >= k ? then : otherwise;
    else if (code === 0x45) at += (accumulator & k) !== 0 ? then : otherwise;
    else throw new Error(`unknown instruction ${code}`);
  }
  throw new Error('the program ran out');
}

describe.each(['x64', 'arm64'] as const)('the filter of system calls (%s)', (architecture) => {
  const arch = ARCH[architecture];
  const number = (x64: number, arm64: number): number => (architecture === 'x64' ? x64 : arm64);
  const strict = (call: Omit<Call, 'arch'>): number => decide(seccompFilter(architecture, false), { arch, ...call });
  const nesting = (call: Omit<Call, 'arch'>): number => decide(seccompFilter(architecture, true), { arch, ...call });

  it('refuses what reaches into the kernel', () => {
    for (const denied of [number(321, 280), number(248, 217), number(323, 282), number(175, 105), number(304, 265)])
      expect([strict({ number: denied }), nesting({ number: denied })]).toEqual([EPERM, EPERM]);
  });

  it('has neither io_uring nor clone3, so that programs take another way', () => {
    for (const missing of [425, 426, 427]) expect(strict({ number: missing })).toBe(ENOSYS);
    expect([strict({ number: 435 }), nesting({ number: 435 })]).toEqual([ENOSYS, ALLOW]);
  });

  it('lets no user namespace be made, unless nesting is allowed', () => {
    const [clone, unshare, mount] = [number(56, 220), number(272, 97), number(165, 40)];
    const calls = [{ number: clone, arguments: [0x10000011] }, { number: unshare, arguments: [0x10020000] }, { number: mount }];
    for (const call of calls) expect([strict(call), nesting(call)]).toEqual([EPERM, ALLOW]);
    expect(strict({ number: clone, arguments: [0x01200011] })).toBe(ALLOW);
    expect(strict({ number: unshare, arguments: [0x00000400] })).toBe(ALLOW);
  });

  it('lets nobody type into a terminal, and leaves other ioctls alone', () => {
    const ioctl = number(16, 29);
    expect(strict({ number: ioctl, arguments: [0, 0x5412] })).toBe(EPERM);
    expect(strict({ number: ioctl, arguments: [0, 0xffffffff00005412n] })).toBe(EPERM);
    expect(strict({ number: ioctl, arguments: [0, 0x5401] })).toBe(ALLOW);
  });

  it('puts no attributes and flags on folders, which would stay for the next job, unless nesting is allowed', () => {
    const setting = [number(188, 5), number(189, 6), number(190, 7), 463, 469].map((each) => ({ number: each }));
    const flags = [0x40086602, 0x401c5820].map((request) => ({ number: number(16, 29), arguments: [3, request] }));
    const calls: Omit<Call, 'arch'>[] = [...setting, ...flags];
    for (const call of calls) expect([strict(call), nesting(call)]).toEqual([EOPNOTSUPP, ALLOW]);
  });

  it('makes sockets of the internet and of the machine itself, and none that lead elsewhere', () => {
    const family = (domain: number): number => strict({ number: number(41, 198), arguments: [domain] });
    expect([1, 2, 10, 16].map(family)).toEqual([ALLOW, ALLOW, ALLOW, ALLOW]);
    expect([0, 3, 17, 29, 38, 40, 44].map(family)).toEqual(Array(7).fill(EAFNOSUPPORT));
  });

  it('refuses calls by another convention, whatever their number', () => {
    expect(decide(seccompFilter(architecture, false), { arch: 0x40000003, number: 1 })).toBe(ENOSYS);
    if (architecture === 'x64') expect(strict({ number: 0x40000000 + 321 })).toBe(ENOSYS);
  });

  it('decides on every call, and allows what everybody needs', () => {
    for (let each = 0; each < 600; each++) expect([EPERM, ENOSYS, EOPNOTSUPP, EAFNOSUPPORT, ALLOW]).toContain(strict({ number: each }));
    for (const common of [
      number(0, 63),
      number(1, 64),
      number(257, 56),
      number(59, 221),
      number(9, 222),
      number(202, 98),
      number(101, 117),
    ])
      expect(strict({ number: common })).toBe(ALLOW);
  });
});
