import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { JobLimits } from '@slipway/protocol';

const CONTROLLERS = ['cpu', 'memory', 'pids'] as const;
const PERIOD_US = 100_000;
const GONE_WAIT_MS = 2_000;

type Version = 1 | 2;
/** Where one hierarchy keeps the groups of this agent. Version 2 has one for all controllers. */
type Hierarchy = { base: string; controllers: readonly string[] };

/**
 * Limits of CPU, memory and processes for a whole tree of processes, by control groups of version 1 or 2. A process joins
 * by writing its number into each file of `joinFiles` before it starts anything.
 */
export class ControlGroups {
  private constructor(
    private readonly version: Version,
    private readonly hierarchies: Hierarchy[],
  ) {}

  /**
   * Null where they can't be written (a container, a plain user without delegation). `owner` tells this agent's groups
   * from another's on the same machine.
   */
  static async open(owner: string): Promise<ControlGroups | null> {
    const found = existsSync('/sys/fs/cgroup/cgroup.controllers') ? versionTwo(owner) : versionOne(owner);
    if (!found) return null;
    const groups = new ControlGroups(found.version, found.hierarchies);
    return (await groups.work()) ? groups : null;
  }

  /** Files to write a process number to. */
  joinFiles(name: string): string[] {
    return this.hierarchies.map(({ base }) => join(base, name, 'cgroup.procs'));
  }

  /** May be called again for the same name, with other limits. */
  make(name: string, limits: JobLimits): void {
    // No disk is behind these: in turn through the thread pool they would take ten times as long.
    for (const { base, controllers } of this.hierarchies) {
      mkdirSync(join(base, name), { recursive: true });
      for (const [file, value] of this.settings(limits, controllers)) writeFileSync(join(base, name, file), value);
    }
  }

  /** Whether a process of this group was killed because memory ran out. */
  async ranOutOfMemory(name: string): Promise<boolean> {
    const memory = this.hierarchies.find(({ controllers }) => controllers.includes('memory'));
    if (!memory) return false;
    const file = this.version === 2 ? 'memory.events' : 'memory.oom_control';
    const text = await readFile(join(memory.base, name, file), 'utf8').catch(() => '');
    return Number(/^oom_kill (\d+)/m.exec(text)?.[1] ?? 0) > 0;
  }

  /** Whether a process of this group could not start another. */
  async ranOutOfProcesses(name: string): Promise<boolean> {
    const pids = this.hierarchies.find(({ controllers }) => controllers.includes('pids'));
    const text = pids ? await readFile(join(pids.base, name, 'pids.events'), 'utf8').catch(() => '') : '';
    return Number(/^max (\d+)/m.exec(text)?.[1] ?? 0) > 0;
  }

  /** Ends every process of the group, those included that have left their parent, and removes the group. */
  async destroy(name: string): Promise<void> {
    const giveUpAt = Date.now() + GONE_WAIT_MS;
    for (let waitMs = 0; !(await this.tryRemove(name)) && Date.now() < giveUpAt; waitMs = Math.min(50, waitMs + 2)) await delay(waitMs);
  }

  /** Names of the groups that are there. */
  async names(): Promise<string[]> {
    const entries = await readdir(this.hierarchies[0]?.base ?? '', { withFileTypes: true }).catch(() => []);
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  }

  /** Removes the agent's own group unless something still runs in it; tells whether it is gone. */
  async close(): Promise<boolean> {
    const gone = this.hierarchies.map(({ base }) => rmdir(base).then(() => true, isGone));
    return (await Promise.all(gone)).every(Boolean);
  }

  private async tryRemove(name: string): Promise<boolean> {
    await this.killAll(name);
    const removed = await Promise.all(this.hierarchies.map(({ base }) => rmdir(join(base, name)).then(() => true, isGone)));
    return removed.every(Boolean);
  }

  private async killAll(name: string): Promise<void> {
    if (this.version === 2) {
      const folder = join(this.hierarchies[0]?.base ?? '', name);
      const killed = await writeFile(join(folder, 'cgroup.kill'), '1', { flag: 'r+' }).then(
        () => true,
        () => false, // gone, or a kernel before 5.14
      );
      if (killed) return;
    }
    for (const { base, controllers } of this.hierarchies) {
      // Nothing new may start while the old processes are being ended.
      if (controllers.includes('pids')) await writeFile(join(base, name, 'pids.max'), '0', { flag: 'r+' }).catch(() => {});
      const listed = await readFile(join(base, name, 'cgroup.procs'), 'utf8').catch(() => '');
      for (const pid of listed.split('\n').filter(Boolean)) killQuietly(Number(pid));
    }
  }

  private settings(limits: JobLimits, controllers: readonly string[]): [file: string, value: string][] {
    const all = this.version === 2 ? settingsOfTwo(limits) : settingsOfOne(limits);
    return all.filter(([file]) => controllers.some((controller) => file.startsWith(`${controller}.`)));
  }

  private async work(): Promise<boolean> {
    const name = `probe-${randomUUID()}`;
    try {
      for (const { base, controllers } of this.hierarchies) {
        await mkdir(base, { recursive: true });
        if (this.version === 2) await shareOut(base, controllers);
      }
      this.make(name, { cpuCores: 1, memoryMib: 64, processes: 16 });
      return true;
    } catch {
      return false; // read-only, or not delegated: the facts say so
    } finally {
      await this.destroy(name);
    }
  }
}

/** A controller can be used in a group only when every group above hands it down. */
async function shareOut(base: string, controllers: readonly string[]): Promise<void> {
  const wanted = controllers.map((each) => `+${each}`).join(' ');
  await writeFile(join(base, '..', 'cgroup.subtree_control'), wanted);
  await writeFile(join(base, 'cgroup.subtree_control'), wanted);
}

function settingsOfTwo({ cpuCores, memoryMib, processes }: JobLimits): [string, string][] {
  return [
    ['cpu.max', cpuCores === null ? `max ${PERIOD_US}` : `${Math.round(cpuCores * PERIOD_US)} ${PERIOD_US}`],
    ['memory.max', memoryMib === null ? 'max' : `${memoryMib * 1024 ** 2}`],
    ['pids.max', processes === null ? 'max' : `${processes}`],
  ];
}

function settingsOfOne({ cpuCores, memoryMib, processes }: JobLimits): [string, string][] {
  return [
    ['cpu.cfs_period_us', `${PERIOD_US}`],
    ['cpu.cfs_quota_us', cpuCores === null ? '-1' : `${Math.round(cpuCores * PERIOD_US)}`],
    ['memory.limit_in_bytes', memoryMib === null ? '-1' : `${memoryMib * 1024 ** 2}`],
    ['pids.max', processes === null ? 'max' : `${processes}`],
  ];
}

/** At the top: a group that has processes of its own (the agent's) can't share out controllers, only the root can. */
function versionTwo(owner: string): { version: Version; hierarchies: Hierarchy[] } {
  return { version: 2, hierarchies: [{ base: `/sys/fs/cgroup/slipway-${owner}`, controllers: CONTROLLERS }] };
}

/** Below the agent's own group in each hierarchy, so that limits set on the agent hold for its jobs too. */
function versionOne(owner: string): { version: Version; hierarchies: Hierarchy[] } | null {
  const own = new Map(
    readFileSync('/proc/self/cgroup', 'utf8')
      .split('\n')
      .flatMap((line) => {
        const [, controllers = '', ...path] = line.split(':');
        return controllers.split(',').map((controller): [string, string] => [controller, path.join(':')]);
      }),
  );
  const hierarchies = CONTROLLERS.flatMap((controller) => {
    const path = own.get(controller);
    const folder = path === undefined ? null : folderOf(controller, path);
    return folder ? [{ base: join(folder, `slipway-${owner}`), controllers: [controller] }] : [];
  });
  return hierarchies.length === CONTROLLERS.length ? { version: 1, hierarchies } : null;
}

/** `/proc/self/mountinfo`: the mount's root (field 4) is what of the hierarchy is seen at the mount point (field 5). */
function folderOf(controller: string, path: string): string | null {
  for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root = '', point = ''] = before.split(' ');
    const [type, , options = ''] = after.split(' ');
    if (type !== 'cgroup' || !options.split(',').includes(controller)) continue;
    return join(point, path.startsWith(root) ? path.slice(root === '/' ? 0 : root.length) : '');
  }
  return null;
}

const isGone = (error: NodeJS.ErrnoException): boolean => error.code === 'ENOENT';

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // ended meanwhile
  }
}
