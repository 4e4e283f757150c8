import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createUser } from '@nats-io/nkeys';
import { z } from 'zod';

const Identity = z.object({ agentId: z.uuid(), jwt: z.string(), natsUrl: z.string() });
/** The identity of this agent to the server, and how it connects to NATS. */
export type Identity = z.infer<typeof Identity>;

const Stored = Identity.extend({ token: z.string() });
export type StoredIdentity = z.infer<typeof Stored>;

/** The agent's key pair and what enrolment gave it: files that nobody else may read, in a folder of their own. */
export class IdentityFiles {
  constructor(private readonly folder: string) {}

  /** Made once. The server learns the public half alone. */
  async seed(): Promise<Uint8Array> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const file = join(this.folder, 'agent.nk');
    try {
      return await readFile(file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    const seed = createUser().getSeed();
    await this.write('agent.nk', seed);
    return seed;
  }

  async stored(): Promise<StoredIdentity | null> {
    const text = await readFile(join(this.folder, 'identity.json'), 'utf8').catch(() => null);
    if (text === null) return null;
    const parsed = Stored.safeParse(tryJson(text));
    return parsed.success ? parsed.data : null; // half-written by an older version: enrol again
  }

  async store(identity: StoredIdentity): Promise<void> {
    await this.write('identity.json', JSON.stringify(identity));
  }

  static parse(answer: unknown): Identity {
    return Identity.parse(answer);
  }

  private async write(name: string, content: string | Uint8Array): Promise<void> {
    const draft = join(this.folder, `${name}.new`);
    await writeFile(draft, content, { mode: 0o600 });
    await using file = await open(draft, 'r');
    await file.sync();
    await rename(draft, join(this.folder, name));
  }
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
