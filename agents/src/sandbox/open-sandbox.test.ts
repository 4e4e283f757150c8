import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, type TestContext, vi } from 'vitest';
import { openSandbox } from './open-sandbox.js';
import { isAlive, processIdOf } from './process-tree.js';
import type { Sandbox, SandboxSpec } from './sandbox.js';
import { findProgram } from './tools.js';

let agentDir: string;
let sandbox: Sandbox;
beforeAll(async () => {
  agentDir = mkdtempSync(join(tmpdir(), 'agent-'));
  sandbox = await openSandbox({ agentDir, passedEnv: [] });
});
afterAll(async () => {
  await sandbox.close();
  rmSync(agentDir, { recursive: true });
});

let count = 0;
async function aSpec(script: string, changes: Partial<SandboxSpec> = {}): Promise<SandboxSpec> {
  const user = sandbox.userOfSlot(0);
  const workspace = { source: join(agentDir, 'slots', `${++count}`), target: '/workspace', writable: true };
  mkdirSync(join(agentDir, 'slots'), { recursive: true, mode: 0o711 });
  await sandbox.makeOwned(workspace.source, user);
  return {
    name: `job-${process.pid}-${count}`,
    user,
    command: ['/bin/sh', '-ec', script],
    cwd: sandbox.inside(workspace),
    env: sandbox.baseEnv('/home/job'),
    mounts: [workspace],
    limits: { cpuCores: null, memoryMib: null, processes: 256 },
    network: { kind: 'slot', slot: 0 },
    graceMs: 500,
    ...changes,
  };
}

async function run(script: string, changes: Partial<SandboxSpec> = {}, stop = new AbortController().signal) {
  let output = '';
  const exit = await sandbox.run(await aSpec(script, changes), {
    stop,
    onOutput: (bytes) => {
      output += Buffer.from(bytes);
    },
  });
  return { ...exit, output };
}

describe.runIf(process.platform === 'linux')('a job in the sandbox', () => {
  it('ends when nobody can take what it prints, and the run fails with the reason', async () => {
    const spec = await aSpec('trap "" PIPE; while :; do echo more || sleep 0.01; done');
    const full = async (): Promise<void> => {
      throw new Error('the disk is full');
    };
    await expect(sandbox.run(spec, { stop: new AbortController().signal, onOutput: full })).rejects.toThrow('the disk is full');
  });

  it('runs with its own environment, folder and user, and gives back output and exit code', async () => {
    const { code, output } = await run(
      'pwd; env | cut -d= -f1 | sort | tr "\\n" " "; echo out > /dev/stdout; echo err > /dev/stderr; exit 7',
    );
    expect(code).toBe(7);
    expect(output).toContain(`${sandbox.facts.mode === 'sandboxed' ? '/workspace' : 'slots'}`);
    expect(output).toContain('out\nerr\n');
    expect(output).not.toMatch(/VITEST|npm_|NODE_ENV/);
  });

  it('is a shell that a signal ended: 128 + its number', async () => {
    expect((await run('kill -9 $$')).code).toBe(137);
  });

  it('leaves no daemon behind that has left its parent and its session', async () => {
    const { code } = await run(
      'setsid sh -c "echo \\$\\$ > daemon; exec sleep 987654" > /dev/null 2>&1 & while [ ! -s daemon ]; do sleep 0.01; done',
    );
    expect(code).toBe(0);
    await vi.waitFor(() => expect(commandLines()).not.toContain('sleep 987654'));
  });

  it('is ended as a whole when stopped, whatever it does with SIGTERM', async () => {
    const stop = new AbortController();
    const running = run(
      'trap "" TERM; (trap "" TERM; sleep 976543) & sleep 976543 & echo up; while :; do sleep 0.05; done',
      {},
      stop.signal,
    );
    await vi.waitFor(() => expect(commandLines()).toContain('sleep 976543'));
    stop.abort();
    const { code } = await running;
    expect(code).not.toBe(0);
    await vi.waitFor(() => expect(commandLines()).not.toContain('sleep 976543'));
  });

  it('gets SIGTERM first, and time to end by itself', async () => {
    const stop = new AbortController();
    const running = run('trap "echo tidy; exit 9" TERM; touch ready; while :; do sleep 0.02; done', {}, stop.signal);
    await vi.waitFor(() => expect(existsSync(join(agentDir, 'slots', `${count}`, 'ready'))).toBe(true), { timeout: 10_000 });
    stop.abort();
    expect(await running).toMatchObject({ code: 9, output: expect.stringContaining('tidy') });
  });

  it('gets SIGTERM as a whole: what a shell has started may end well after the shell has gone', async () => {
    const stop = new AbortController();
    const workers = 'worker() { trap "sleep 0.2; echo $1 >> reports; exit" TERM; touch up-$1; while :; do sleep 0.02 || :; done; }';
    const script = `${workers}; worker child & setsid sh -c '${workers}; worker daemon' & while [ ! -e up-child ] || [ ! -e up-daemon ]; do sleep 0.01; done; touch ready; sleep 987651`;
    const running = run(script, { graceMs: 5_000 }, stop.signal);
    await vi.waitFor(() => expect(existsSync(join(agentDir, 'slots', `${count}`, 'ready'))).toBe(true), { timeout: 10_000 });
    stop.abort();
    await running;
    expect(
      readFileSync(join(agentDir, 'slots', `${count}`, 'reports'), 'utf8')
        .trim()
        .split('\n')
        .sort(),
    ).toEqual(['child', 'daemon']);
  });

  it('wakes what was halted, so that it can end', async () => {
    const stop = new AbortController();
    const script =
      '(trap "touch ended; exit" TERM; touch ready; while :; do sleep 0.02; done) & halted=$!; while [ ! -e ready ]; do sleep 0.01; done; kill -STOP $halted; touch halted; wait';
    const running = run(script, { graceMs: 5_000 }, stop.signal);
    const folder = join(agentDir, 'slots', `${count}`);
    await vi.waitFor(() => expect(existsSync(join(folder, 'halted'))).toBe(true));
    stop.abort();
    await running;
    expect(existsSync(join(folder, 'ended'))).toBe(true);
  });

  it('names what it leaves running, asks it to end and waits for that', async () => {
    const { code, left } = await run(
      '(trap "sleep 0.2; touch tidied; exit" TERM; touch up; while :; do sleep 0.02; done) & sleep 965432 & while [ ! -e up ]; do sleep 0.01; done; exit 3',
      { graceMs: 5_000 },
    );
    expect(code).toBe(3);
    expect(left).toContain('sleep 965432');
    expect(existsSync(join(agentDir, 'slots', `${count}`, 'tidied'))).toBe(true);
    expect((await run('sleep 0.01 & exit 0')).left).toEqual([]);
  });

  it('ends what does not care about SIGTERM after the grace time, with the exit code of the command', async () => {
    const { code, left } = await run('trap "" TERM; sleep 965431 & exit 4');
    expect([code, left]).toEqual([4, ['sleep 965431']]);
    expect(commandLines()).not.toContain('sleep 965431');
  });

  it('has its output and its errors in the order in which it wrote them', async () => {
    const { output } = await run('n=0; while [ $n -lt 500 ]; do echo out $n; echo err $n >&2; n=$((n+1)); done');
    expect(output).toBe(Array.from({ length: 500 }, (_, n) => `out ${n}\nerr ${n}\n`).join(''));
  });

  it('can fork no more than its limit', async () => {
    const { output } = await run('n=0; while [ $n -lt 60 ]; do sleep 3 & n=$((n+1)); done 2>&1; echo started $n', {
      limits: { cpuCores: null, memoryMib: null, processes: 20 },
    });
    expect(output).toMatch(/fork|Resource temporarily unavailable/i);
  });

  it('holds back its output while the reader is not ready', async () => {
    let bytes = 0;
    const spec = await aSpec('head -c 3000000 /dev/zero');
    const exit = await sandbox.run(spec, {
      stop: new AbortController().signal,
      onOutput: async (part) => {
        await delay(1);
        bytes += part.length;
      },
    });
    expect([exit.code, bytes]).toEqual([0, 3_000_000]);
  });
});

/** Skips where the machine lacks something. Root with every program has all it takes, so what doesn't hold there is a failure and no reason to skip. */
function needs(context: TestContext, holds: boolean, programs: string[], lacking: string): void {
  const hasAll = process.getuid?.() === 0 && programs.every((program) => findProgram(program, process.env.PATH ?? '') !== null);
  if (hasAll)
    expect(holds, `${lacking}, with all that it takes installed (${programs.join(', ')}). ${sandbox.facts.notes.join(' ')}`).toBe(true);
  else context.skip(!holds, lacking);
}

describe.runIf(process.platform === 'linux')('what a hostile job tries', () => {
  beforeEach((context) => needs(context, sandbox.facts.mode === 'sandboxed', ['bwrap', 'setpriv'], 'there is no sandbox here'));

  it('can not read the keys, the environment or the folder of the agent', async () => {
    writeFileSync(join(agentDir, 'key'), 'agent-key', { mode: 0o600 });
    const { output } = await run(
      `set +e; cat ${agentDir}/key; ls ${agentDir} /root; cat /proc/${process.pid}/environ; cat /etc/shadow; ls /proc | grep -c '^[0-9]'; true`,
    );
    expect(output).not.toContain('agent-key');
    expect(output).not.toContain('root:');
    expect(output.match(/No such file or directory|Permission denied/g)?.length).toBe(5);
  });

  it("can not see or write another job's workspace", async () => {
    await run('echo mine > file');
    const { output } = await run(`set +e; ls ${agentDir}/slots; echo x > ${agentDir}/slots/1/file; true`);
    expect(output).toMatch(/cannot access|No such file/);
  });

  it('can not write settings of the kernel, not even to put there what is there', async () => {
    const before = readFileSync('/proc/sys/kernel/core_uses_pid', 'utf8');
    const { output } = await run(
      'set +e; id -u; cat /proc/sys/kernel/core_uses_pid > /tmp/v; cat /tmp/v > /proc/sys/kernel/core_uses_pid; unshare -Ur sh -c "cat /tmp/v > /proc/sys/kernel/core_uses_pid"; true',
    );
    expect(output).toMatch(/^606\d\d\n/);
    expect(output.match(/cannot create|Read-only|denied|not permitted/gi)?.length).toBeGreaterThanOrEqual(2);
    expect(readFileSync('/proc/sys/kernel/core_uses_pid', 'utf8')).toBe(before);
  });

  it('can make no user namespace, mount nothing, and reaches no part of the kernel that no build needs', async (context) => {
    context.skip(findProgram('perl', process.env.PATH ?? '') === null, 'perl is not installed');
    context.skip(process.arch !== 'x64', 'the numbers of the calls here are those of x64');
    // bpf, keyctl, userfaultfd, io_uring_setup, open_by_handle_at, mount, unshare, clone, clone3, setxattr, ioctl with FS_IOC_SETFLAGS
    const calls = ['321', '250,0', '323,0', '425,1,0', '304,0,0', '165,0,0,0,0,0', '272,0x10000000', '56,0x10000011,0', '435,0,0'];
    calls.push('188,0,0,0,0,0', '16,0,0x40086602,0');
    const script = calls.map((call) => `syscall(${call})==-1||exit;print 0+$!,"\n"`).join(';');
    const { output } = await run('', { command: ['perl', '-e', script] });
    expect(output.trim().split('\n').map(Number)).toEqual([1, 1, 1, 38, 1, 1, 1, 1, 38, 95, 95]);
    const nested = await openSandbox({ agentDir: `${agentDir}/nested`, passedEnv: [], nesting: true });
    const spec = await aSpec('unshare --user --map-root-user --mount sh -c "mount -t tmpfs tmpfs /tmp"');
    expect((await nested.run(spec, { stop: new AbortController().signal, onOutput: () => {} })).code).toBe(0);
    await nested.close();
    expect((await run('unshare --user true')).code).not.toBe(0);
  });

  it.for([
    ['node', "node -e \"new (require('worker_threads').Worker)('process.exit(0)',{eval:true}).on('exit',process.exit)\""],
    ['git', 'git init -q x && cd x && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m x'],
    ['perl', 'perl -e "exit system(\'true\')"'],
    ['cc', 'echo "int main(){return 0;}" > x.c && cc -o x x.c && ./x'],
    ['chromium', 'chromium --headless --no-sandbox --disable-gpu --no-first-run --user-data-dir=$PWD/profile --dump-dom about:blank'],
    ['java', 'java -version'],
    ['go', 'go version'],
  ] as const)('can use %s all the same', { timeout: 60_000 }, async ([program, script], context) => {
    context.skip(findProgram(program, sandbox.baseEnv('/').PATH ?? '') === null, `${program} is not installed`);
    const { code, output } = await run(script, { limits: { cpuCores: null, memoryMib: null, processes: 1024 } });
    expect([code, output]).toEqual([0, expect.any(String)]);
  });

  it('can not load a library into the programs that build the sandbox, which are root', async () => {
    const spec = await aSpec('id -u', { env: { ...sandbox.baseEnv('/tmp'), LD_PRELOAD: '/workspace/evil.so' } });
    const command = await sandbox.prepare(spec);
    expect(Object.keys(command.env)).toEqual(['PATH']);
    expect(JSON.stringify(command.args)).not.toContain('evil');
    await sandbox.destroy(spec.name, null);
  });

  it('can not signal a process outside', async () => {
    const { output } = await run(`kill -9 ${process.pid} 2>&1 || true`);
    expect(output).toMatch(/No such process/);
  });

  it("can not reach what listens on the machine's loopback", async (context) => {
    const programs = ['slirp4netns', 'nsenter', 'unshare'];
    needs(context, sandbox.facts.network === 'isolated', programs, 'no network of their own for jobs here');
    const server = createServer((socket) => socket.end('agent')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const script = `set +e; for host in 127.0.0.1 198.51.100.2 localhost; do (exec 3<>/dev/tcp/$host/${port}; cat <&3) && echo reached $host; done; true`;
    const { output } = await run('', { command: ['/bin/bash', '-c', script] });
    server.close();
    expect(output).not.toContain('agent');
    expect(output).not.toContain('reached');
  });

  it.for(['slot', 'ports'] as const)('has no way to private networks and other addresses of this machine (%s)', async (kind, context) => {
    const isIsolated = kind === 'slot' ? sandbox.facts.network === 'isolated' : sandbox.isolatesPorts;
    needs(context, isIsolated, [kind === 'slot' ? 'slirp4netns' : 'pasta', 'nsenter', 'unshare', 'ip'], 'no network of their own here');
    const own = otherAddress();
    context.skip(own === undefined, 'this machine has no address but that of its loopback');
    const server = createServer((socket) => socket.end('machine')).listen(0, '0.0.0.0');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const network = kind === 'slot' ? { kind, slot: 0 } : { kind, ports: [] };
    const targets = [`${own}/${port}`, '169.254.169.254/80', '10.1.2.3/80', '172.16.0.1/80', '192.168.0.1/80', '100.64.0.1/80'];
    const script = `for target in ${targets.join(' ')}; do (exec 3<>/dev/tcp/$target; cat <&3); done; true`;
    try {
      const { output } = await run('', { command: ['/bin/bash', '-c', script], network });
      expect(output.match(/connect: No route to host/g)).toHaveLength(targets.length);
      expect(output).not.toContain('machine');

      const open = await openSandbox({ agentDir: `${agentDir}/open`, passedEnv: [], openNetworks: [`${own}/32`] });
      let said = '';
      const onOutput = (bytes: Uint8Array) => {
        said += Buffer.from(bytes);
      };
      await open.run(await aSpec('', { command: ['/bin/bash', '-c', script], network }), { stop: new AbortController().signal, onOutput });
      await open.close();
      expect(said).toContain('machine');
      expect(said.match(/connect: No route to host/g)).toHaveLength(targets.length - 1);
    } finally {
      server.close();
    }
  });

  it.for(['slot', 'ports'] as const)(
    "has no IPv6 beyond its own loopback, and no way to IPv4 in IPv6's clothes (%s)",
    async (kind, context) => {
      const isIsolated = kind === 'slot' ? sandbox.facts.network === 'isolated' : sandbox.isolatesPorts;
      needs(context, isIsolated, [kind === 'slot' ? 'slirp4netns' : 'pasta', 'nsenter', 'unshare', 'ip'], 'no network of their own here');
      const server = createServer((socket) => socket.end('machine')).listen(0, '::');
      const hasSix = await once(server, 'listening').then(
        () => true,
        () => false,
      );
      context.skip(!hasSix, 'this machine has no IPv6');
      const { port } = server.address() as AddressInfo;
      const network = kind === 'slot' ? { kind, slot: 0 } : { kind, ports: [] };
      const fours = ['127.0.0.1', '169.254.169.254', '10.1.2.3', ...addressesOf('IPv4')].map((address) => `::ffff:${address}`);
      const targets = [...new Set(['::1', '64:ff9b::7f00:1', '2001:db8::1', 'fd00::1', 'ff02::1', ...fours, ...addressesOf('IPv6')])];
      const script = `for target in ${targets.join(' ')}; do (exec 3<>/dev/tcp/$target/${port}; cat <&3); done; true`;
      const { output } = await run('', { command: ['/bin/bash', '-c', script], network });
      server.close();
      expect(output).not.toContain('machine');
      expect(output.match(/^[^\n]*connect: [^\n]*$/gm)).toHaveLength(targets.length);
    },
  );

  it('an instance answers on its port of the loopback, and reaches no other', async (context) => {
    needs(context, sandbox.isolatesPorts, ['pasta'], 'no network of their own for instances here');
    const server = createServer((socket) => socket.end('other')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port: other } = server.address() as AddressInfo;
    const port = 25_987;
    const app = `const net=require('net');const up=()=>net.createServer(s=>s.end('app')).listen(${port},'127.0.0.1');net.connect(${other}).on('data',d=>{console.log('got '+d);up()}).on('error',e=>{console.log(e.code);up()})`;
    const stop = new AbortController();
    const running = run('', { command: ['node', '-e', app], network: { kind: 'ports', ports: [port] } }, stop.signal);
    await vi.waitFor(() => expect(read(port)).resolves.toBe('app'), { timeout: 5000 });
    stop.abort();
    const { output } = await running;
    server.close();
    expect(output).toContain('ECONNREFUSED');
    await expect(read(port)).rejects.toThrow();
  });

  it('is ended when it takes more memory than it may, and that is said', async (context) => {
    context.skip(sandbox.facts.limits === 'not_enforced', 'no control groups here');
    const exit = await run('node -e "const a=[];for(;;)a.push(Buffer.alloc(1e7,1))"', {
      limits: { cpuCores: null, memoryMib: 100, processes: 100 },
    });
    expect(exit).toMatchObject({ outOfMemory: true });
    expect(exit.code).toBeGreaterThan(127);
  });
});

it('knows no process by its number alone', () => {
  const own = processIdOf(process.pid);
  expect(own && isAlive(own)).toBe(true);
  expect(own && isAlive({ ...own, startTime: own.startTime - 1 })).toBe(false);
});

const commandLines = (): string =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        return '';
      }
    })
    .filter((line) => !line.includes('sh'))
    .join('\n');

/** Of this machine, but for its loopback. */
const addressesOf = (family: 'IPv4' | 'IPv6'): string[] =>
  Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter((each) => !each.internal && each.family === family)
    .map(({ address }) => address);

const otherAddress = (): string | undefined => addressesOf('IPv4')[0];

const read = (port: number): Promise<string> =>
  new Promise((resolve, reject) =>
    connect(port, '127.0.0.1')
      .on('data', (data) => resolve(`${data}`))
      .on('error', reject)
      .on('close', () => reject(new Error('closed'))),
  );
