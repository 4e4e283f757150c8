export type Architecture = 'x64' | 'arm64';

/** What `AUDIT_ARCH_…` calls it; a call by the convention of another (32 bits) would get past numbers that mean something else there. */
const AUDIT: Record<Architecture, number> = { x64: 0xc000003e, arm64: 0xc00000b7 };
/** Calls of the x32 convention have this bit. */
const X32_BIT = 0x40000000;
const [EPERM, ENOSYS, EOPNOTSUPP, EAFNOSUPPORT] = [1, 38, 95, 97];

type Numbers = { x64: number | null; arm64: number | null };
const both = (number: number): Numbers => ({ x64: number, arm64: number });

/** Keys of the kernel, programs in the kernel, other programs' page faults, modules and kernels, file handles without a path, clocks, quotas. */
const DENIED: Record<string, Numbers> = {
  add_key: { x64: 248, arm64: 217 },
  request_key: { x64: 249, arm64: 218 },
  keyctl: { x64: 250, arm64: 219 },
  bpf: { x64: 321, arm64: 280 },
  perf_event_open: { x64: 298, arm64: 241 },
  userfaultfd: { x64: 323, arm64: 282 },
  kexec_load: { x64: 246, arm64: 104 },
  kexec_file_load: { x64: 320, arm64: 294 },
  init_module: { x64: 175, arm64: 105 },
  finit_module: { x64: 313, arm64: 273 },
  delete_module: { x64: 176, arm64: 106 },
  open_by_handle_at: { x64: 304, arm64: 265 },
  process_vm_writev: { x64: 311, arm64: 271 },
  reboot: { x64: 169, arm64: 142 },
  swapon: { x64: 167, arm64: 224 },
  swapoff: { x64: 168, arm64: 225 },
  acct: { x64: 163, arm64: 89 },
  quotactl: { x64: 179, arm64: 60 },
  quotactl_fd: both(443),
  syslog: { x64: 103, arm64: 116 },
  settimeofday: { x64: 164, arm64: 170 },
  clock_settime: { x64: 227, arm64: 112 },
  fanotify_init: { x64: 300, arm64: 262 },
  iopl: { x64: 172, arm64: null },
  ioperm: { x64: 173, arm64: null },
  uselib: { x64: 134, arm64: null },
};

/** What containers in a job need, and a way to many holes. */
const NESTING: Record<string, Numbers> = {
  mount: { x64: 165, arm64: 40 },
  umount2: { x64: 166, arm64: 39 },
  pivot_root: { x64: 155, arm64: 41 },
  open_tree: both(428),
  move_mount: both(429),
  fsopen: both(430),
  fsconfig: both(431),
  fsmount: both(432),
  fspick: both(433),
  mount_setattr: both(442),
  setns: { x64: 308, arm64: 268 },
};

/**
 * What a job could put on a folder without any record of it: extended attributes, access lists among them, and flags of the file system. A
 * checkout that is kept would carry them to the next job. Fails as on a file system that has none, which programs are used to. Containers need them.
 */
const MARKING: Record<string, Numbers> = {
  setxattr: { x64: 188, arm64: 5 },
  lsetxattr: { x64: 189, arm64: 6 },
  fsetxattr: { x64: 190, arm64: 7 },
  setxattrat: both(463),
  file_setattr: both(469),
};
/** FS_IOC_SETFLAGS and FS_IOC_FSSETXATTR. */
const MARKING_BY_IOCTL = [0x40086602, 0x401c5820];

/** The C library goes back to clone, whose flags the filter can see; event loops go back to epoll. */
const CLONE3 = both(435);
const IO_URING = { io_uring_setup: both(425), io_uring_enter: both(426), io_uring_register: both(427) };

const UNSHARE: Numbers = { x64: 272, arm64: 97 };
const CLONE: Numbers = { x64: 56, arm64: 220 };
const IOCTL: Numbers = { x64: 16, arm64: 29 };
const CLONE_NEWUSER = 0x10000000;
const SOCKET: Numbers = { x64: 41, arm64: 198 };
/** AF_UNIX, AF_INET, AF_INET6, AF_NETLINK. Others are of no use to a build; virtual sockets lead out of every network namespace, to the host of this machine. */
const FAMILIES = [1, 2, 10, 16];
/** Types into the terminal that a process shares with who started it: TIOCSTI, and TIOCLINUX for a console. */
const TYPING = [0x5412, 0x541c];

/** Offsets in `struct seccomp_data`; of arguments the low half. */
const [NUMBER, ARCH, ARGUMENT_0, ARGUMENT_1] = [0, 4, 16, 24];
const [LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN] = [0x20, 0x15, 0x35, 0x45, 0x06];
const ALLOW = 0x7fff0000;
const refuse = (errno: number): number => 0x00050000 | errno;

/** One instruction; `ifSo` and `ifNot` are how many are left out. */
type Instruction = { code: number; k: number; ifSo?: number; ifNot?: number };

/**
 * A program for the kernel's filter (seccomp, in classic BPF) that refuses system calls: those that reach parts of the kernel which no build
 * needs and in which holes are found most often. A refused call fails with EPERM, as it does for anybody without rights, or with ENOSYS or
 * EOPNOTSUPP if programs then try something else. Call numbers come from the kernel's headers (asm/unistd_64.h and asm-generic/unistd.h).
 * @param nesting whether a job may make user namespaces and mount in them
 */
export function seccompFilter(architecture: Architecture, nesting: boolean): Buffer {
  const numbers = (calls: Numbers[]): number[] => calls.map((call) => call[architecture]).filter((number) => number !== null);
  const denied = numbers([...Object.values(DENIED), ...(nesting ? [] : Object.values(NESTING))]);
  const unsupported = nesting ? [] : numbers(Object.values(MARKING));
  const missing = numbers([...Object.values(IO_URING), ...(nesting ? [] : [CLONE3])]);
  const program: Instruction[] = [
    { code: LOAD, k: ARCH },
    ...refusedUnless({ code: JUMP_EQUAL, k: AUDIT[architecture] }, ENOSYS),
    { code: LOAD, k: NUMBER },
    ...(architecture === 'x64' ? refusedIf({ code: JUMP_AT_LEAST, k: X32_BIT }, ENOSYS) : []),
    ...denied.flatMap((k) => refusedIf({ code: JUMP_EQUAL, k }, EPERM)),
    ...missing.flatMap((k) => refusedIf({ code: JUMP_EQUAL, k }, ENOSYS)),
    ...unsupported.flatMap((k) => refusedIf({ code: JUMP_EQUAL, k }, EOPNOTSUPP)),
    ...numbers([IOCTL]).flatMap((k) =>
      byArgument(k, ARGUMENT_1, [
        ...TYPING.flatMap((each) => refusedIf({ code: JUMP_EQUAL, k: each }, EPERM)),
        ...(nesting ? [] : MARKING_BY_IOCTL).flatMap((each) => refusedIf({ code: JUMP_EQUAL, k: each }, EOPNOTSUPP)),
      ]),
    ),
    ...(nesting ? [] : numbers([CLONE, UNSHARE])).flatMap((k) =>
      byArgument(k, ARGUMENT_0, refusedIf({ code: JUMP_ANY_BIT, k: CLONE_NEWUSER }, EPERM)),
    ),
    ...numbers([SOCKET]).flatMap(familiesOnly),
    { code: RETURN, k: ALLOW },
  ];
  return Buffer.concat(program.map(encoded));
}

const refusedIf = (test: Instruction, errno: number): Instruction[] => [
  { ...test, ifSo: 0, ifNot: 1 },
  { code: RETURN, k: refuse(errno) },
];
const refusedUnless = (test: Instruction, errno: number): Instruction[] => [
  { ...test, ifSo: 1, ifNot: 0 },
  { code: RETURN, k: refuse(errno) },
];

/** For one call: looks at an argument and is done. */
function byArgument(number: number, argument: number, tests: Instruction[]): Instruction[] {
  const then = [{ code: LOAD, k: argument }, ...tests, { code: RETURN, k: ALLOW }];
  return [{ code: JUMP_EQUAL, k: number, ifSo: 0, ifNot: then.length }, ...then];
}

/** For the call that makes a socket. */
function familiesOnly(number: number): Instruction[] {
  const allowed = FAMILIES.flatMap((k): Instruction[] => [
    { code: JUMP_EQUAL, k, ifSo: 0, ifNot: 1 },
    { code: RETURN, k: ALLOW },
  ]);
  const rest: Instruction[] = [{ code: LOAD, k: ARGUMENT_0 }, ...allowed, { code: RETURN, k: refuse(EAFNOSUPPORT) }];
  return [{ code: JUMP_EQUAL, k: number, ifSo: 0, ifNot: rest.length }, ...rest];
}

/** `struct sock_filter`; both architectures are little-endian. */
function encoded({ code, k, ifSo = 0, ifNot = 0 }: Instruction): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifSo, 2);
  bytes.writeUInt8(ifNot, 3);
  bytes.writeUInt32LE(k >>> 0, 4);
  return bytes;
}
