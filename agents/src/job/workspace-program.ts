import { execFile } from 'node:child_process';
import { chmod, chown, cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { endOf } from '@slipway/protocol';
import { z } from 'zod';
import type { Exit, Mount, Sandbox, SandboxSpec } from '../sandbox/sandbox.js';
import type { ArchiveBounds, Request } from '../workspace-program/messages.js';
import { Infrastructure, JobFailure } from './job-failure.js';

const SOURCE = fileURLToPath(new URL('../workspace-program/', import.meta.url));
/** Compiled, or as tests find it: Node.js runs both. */
const EXTENSION = extname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const MEMORY = { heapMib: 256, mostMib: 640 };
const MAX_LINE_BYTES = 64 * 1024;
const MAX_NOTICES = 200;

/** Where the program works and as whom: see {@link SandboxSpec}. The working directory is the folder that it is about. */
export type ProgramPlace = Pick<SandboxSpec, 'name' | 'user' | 'cwd' | 'mounts' | 'network'> & {
  /** A folder of the agent's in which request and archive are handed over; made and removed by {@link WorkspaceProgram.run}. */
  exchange: string;
};

export type ProgramRun = {
  sandbox: Sandbox;
  place: ProgramPlace;
  /** Puts what is to be handed over into the exchange folder, and says what to do. `inside`: where the program sees that folder. */
  request: (exchange: string, inside: string) => Promise<Request> | Request;
  /** A promise holds the program until it resolves. */
  onOutput?: (bytes: Uint8Array) => void | Promise<void>;
  notice(text: string): void;
  stop: AbortSignal;
};

const CaseCounts = z.object({ passed: z.number().int(), failed: z.number().int(), skipped: z.number().int() });
const Message = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('notice'), text: z.string() }),
  z.object({ kind: z.literal('refused'), reason: z.enum(['artifact_missing', 'artifact_invalid']), text: z.string() }),
  z.object({ kind: z.literal('done'), entries: z.number(), bytes: z.number(), leftOut: CaseCounts.optional() }),
]);
type Message = z.infer<typeof Message>;
export type Done = Extract<Message, { kind: 'done' }>;

/**
 * The program in `workspace-program/`, which does in a job's folders what the agent must not do there itself. It is copied into the
 * agent's folder, where jobs' users can read it wherever Slipway is installed.
 */
export class WorkspaceProgram {
  private constructor(
    private readonly folder: string,
    /** Of one artifact, on this agent. */
    readonly archiveBounds: ArchiveBounds,
  ) {}

  static async install(agentDir: string, archiveBounds: ArchiveBounds): Promise<WorkspaceProgram> {
    const folder = join(agentDir, 'program');
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    const isOurs = (path: string): boolean => extname(path) === '' || (extname(path) === EXTENSION && !/\.(test|d)\.ts$/.test(path));
    await cp(SOURCE, folder, { recursive: true, filter: isOurs });
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    for (const name of ['saxes', 'xmlchars']) {
      await cp(dirname(require.resolve(`${name}/package.json`)), join(folder, 'node_modules', name), { recursive: true });
    }
    const protocol = join(folder, 'node_modules/@slipway/protocol');
    for (const name of ['name-pattern', 'text']) {
      await cp(require.resolve(`@slipway/protocol/${name}`), join(protocol, `${name}.js`));
    }
    await writeFile(join(protocol, 'package.json'), '{ "type": "module", "exports": { "./*": "./*.js" } }');
    await promisify(execFile)('chmod', ['-R', 'a+rX', folder]);
    return new WorkspaceProgram(folder, archiveBounds);
  }

  /** @throws JobFailure when the program refuses; Infrastructure when it fails; the reason of `stop` */
  async run({ sandbox, place, request, onOutput = () => {}, notice, stop }: ProgramRun): Promise<Done> {
    const { exchange, mounts, ...where } = place;
    const heard = new Heard(notice);
    try {
      await makeExchange(exchange, place.user);
      const handedOver: Mount = { source: exchange, target: '/slipway/exchange', writable: false };
      const inside = sandbox.inside(handedOver);
      await writeFile(join(exchange, 'request.json'), JSON.stringify(await request(exchange, inside)));
      for (const name of await readdir(exchange)) await chmod(join(exchange, name), 0o644); // whatever the agent's umask
      const node: Mount = { source: dirname(process.execPath), target: '/slipway/node', writable: false };
      const program: Mount = { source: this.folder, target: '/slipway/program', writable: false };
      const command: SandboxSpec['command'] = [
        join(sandbox.inside(node), basename(process.execPath)),
        `--max-old-space-size=${MEMORY.heapMib}`,
        join(sandbox.inside(program), `main${EXTENSION}`),
        join(inside, 'request.json'),
      ];
      const limits = { cpuCores: null, memoryMib: MEMORY.mostMib, processes: null };
      const spec = { ...where, command, env: sandbox.baseEnv(inside), mounts: [...mounts, node, program, handedOver], limits };
      const exit = await sandbox.run(spec, { stop, onOutput: (bytes, from) => (from === 'stdout' ? onOutput(bytes) : heard.hear(bytes)) });
      stop.throwIfAborted();
      return heard.result(exit);
    } finally {
      await rm(exchange, { recursive: true, force: true });
    }
  }
}

/** For the agent to write and the user to read. */
async function makeExchange(folder: string, user: SandboxSpec['user']): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o750);
  if (user) await chown(folder, process.getuid?.() ?? 0, user.gid);
}

/** What the program says, line by line. It might be that a job speaks in its place: nothing of it is believed that could do harm. */
class Heard {
  private rest = '';
  private other = '';
  private notices = 0;
  private last: Exclude<Message, { kind: 'notice' }> | null = null;
  private readonly decoder = new TextDecoder();

  constructor(private readonly notice: (text: string) => void) {}

  hear(bytes: Uint8Array): void {
    const lines = (this.rest + this.decoder.decode(bytes, { stream: true })).split('\n');
    this.rest = endOf(lines.pop() ?? '', MAX_LINE_BYTES);
    for (const line of lines) this.line(line);
  }

  private line(line: string): void {
    const message = messageIn(line);
    if (message === null) this.other = endOf(`${this.other}${line}\n`, 4096);
    else if (message.kind !== 'notice') this.last = message;
    else if (++this.notices <= MAX_NOTICES) this.notice(message.text);
  }

  result(exit: Exit): Done {
    if (this.last?.kind === 'refused') throw new JobFailure(this.last.reason, this.last.text);
    if (this.last && exit.code === 0) return this.last;
    const why = exit.outOfMemory ? 'they need too much memory' : (/^\w*Error: (.*)$/m.exec(this.other)?.[1] ?? `exit code ${exit.code}`);
    throw new Infrastructure('sandbox_failed', `The job's files could not be worked on: ${why}`);
  }
}

function messageIn(line: string): Message | null {
  try {
    return Message.parse(JSON.parse(line));
  } catch {
    return null; // what Node.js says of a failure is no JSON; it is kept for the error's text
  }
}
