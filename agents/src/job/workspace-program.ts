import { execFile } from 'node:child_process';
import { chmod, chown, cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { shorten, TestCounts } from '@slipway/protocol';
import { z } from 'zod';
import type { Exit, Mount, Sandbox, SandboxSpec } from '../sandbox/sandbox.js';
import type { ArchiveBounds, Request } from '../workspace-program/messages.js';
import { FrameReader, type FrameTaker } from './frame-reader.js';
import { Infrastructure, JobFailure } from './job-failure.js';

const SOURCE = fileURLToPath(new URL('../workspace-program/', import.meta.url));
/** Compiled, or as tests find it: Node.js runs both. */
const EXTENSION = extname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);
const MEMORY = { heapMib: 256, mostMib: 640 };
const MAX_NOTICES = 200;
/** A Node.js that runs out of memory says less. */
const MAX_NOISE_BYTES = 64 * 1024;

/** Where the program works and as which user: see {@link SandboxSpec}. The working directory is the folder that it works on. */
export type ProgramPlace = Pick<SandboxSpec, 'name' | 'user' | 'cwd' | 'mounts' | 'network'> & {
  /** A folder of the agent's in which request and archive are handed over; made and removed by {@link WorkspaceProgram.run}. */
  exchange: string;
};

export type ProgramRun = {
  sandbox: Sandbox;
  place: ProgramPlace;
  /** Puts the input into the exchange folder, and returns the request. `inside`: where the program sees that folder. */
  request: (exchange: string, inside: string) => Promise<Request> | Request;
  /** Takes the data, if there is to be any. A promise holds the program until it resolves; what it throws ends the program. */
  onData?: (bytes: Uint8Array) => void | Promise<void>;
  notice(text: string): void;
  stop: AbortSignal;
};

const Message = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('notice'), text: z.string() }),
  z.object({ kind: z.literal('refused'), reason: z.enum(['artifact_missing', 'artifact_invalid']), text: z.string() }),
  z.object({ kind: z.literal('failed'), text: z.string() }),
  z.object({ kind: z.literal('done'), entries: z.number(), bytes: z.number(), leftOut: TestCounts.optional() }),
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
  async run({ sandbox, place, request, onData, notice, stop }: ProgramRun): Promise<Done> {
    const { exchange, mounts, ...where } = place;
    const heard = new Heard(notice, onData ?? nothingExpected);
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
        '--no-warnings', // they would come between frames
        join(sandbox.inside(program), `main${EXTENSION}`),
        join(inside, 'request.json'),
      ];
      const limits = { cpuCores: null, memoryMib: MEMORY.mostMib, processes: null };
      const { PATH = '' } = sandbox.baseEnv(inside); // and nothing that Node.js might heed
      const spec = { ...where, command, env: { PATH }, mounts: [...mounts, node, program, handedOver], limits };
      const exit = await sandbox.run(spec, { stop, onOutput: (bytes) => heard.hear(bytes) });
      stop.throwIfAborted();
      return heard.result(exit);
    } catch (error) {
      stop.throwIfAborted();
      throw error;
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

const nothingExpected = (): never => {
  throw unusable('the program sent data that nobody asked for');
};

const unusable = (why: string): Infrastructure => new Infrastructure('sandbox_failed', `The job's files could not be processed: ${why}.`);

/** What the program says. A job may have taken its place, so nothing of it is trusted that could do harm. */
class Heard implements FrameTaker {
  private readonly frames = new FrameReader(this);
  private noiseSoFar = Buffer.alloc(0);
  private notices = 0;
  private last: Exclude<Message, { kind: 'notice' }> | null = null;

  constructor(
    private readonly notice: (text: string) => void,
    private readonly onData: (bytes: Uint8Array) => void | Promise<void>,
  ) {}

  hear(bytes: Uint8Array): Promise<void> {
    return this.frames.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  }

  data(bytes: Buffer): void | Promise<void> {
    if (this.last) throw unusable('the program continued after its last message');
    return this.onData(bytes);
  }

  message(payload: Buffer): void {
    if (this.last) throw unusable('the program continued after its last message');
    const message = messageIn(payload);
    if (message === null) throw unusable('the program sent something that is not a message');
    if (message.kind !== 'notice') this.last = message;
    else if (++this.notices <= MAX_NOTICES) this.notice(message.text);
    else if (this.notices === MAX_NOTICES + 1)
      this.notice(`There are more than ${MAX_NOTICES} notices about the job's files; the others are left out.`);
  }

  noise(bytes: Buffer): void {
    this.noiseSoFar = Buffer.concat([this.noiseSoFar, bytes]);
    if (this.noiseSoFar.length > MAX_NOISE_BYTES) throw unusable(whyOf(this.noiseSoFar));
  }

  result(exit: Exit): Done {
    if (exit.outOfMemory) throw unusable(NEEDS_MEMORY);
    if (this.noiseSoFar.length > 0) throw unusable(whyOf(this.noiseSoFar));
    if (this.last?.kind === 'refused') throw new JobFailure(this.last.reason, this.last.text);
    if (this.last?.kind === 'failed') throw unusable(this.last.text);
    if (!this.last || exit.code !== 0 || !this.frames.isBetweenFrames) throw unusable(`the program ended with exit code ${exit.code}`);
    return this.last;
  }
}

const NEEDS_MEMORY = 'they need too much memory';

function whyOf(noise: Buffer): string {
  const text = noise.toString('utf8');
  if (/^FATAL ERROR: .*(heap|memory)/im.test(text)) return NEEDS_MEMORY;
  return `the program sent something that is not a message, "${shorten(text.trim().split('\n', 1)[0] ?? '', 200, '…')}"`;
}

function messageIn(payload: Buffer): Message | null {
  try {
    return Message.parse(JSON.parse(payload.toString('utf8')));
  } catch {
    return null; // whoever asked says so
  }
}
