import { createHash } from 'node:crypto';
import { copyFile, lstat, mkdir, readdir, rename, rm, stat, statfs, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkout } from '@slipway/protocol';
import { shorten } from '@slipway/protocol';
import { removeTree } from '../sandbox/remove-tree.js';

/** Below this share of free disk nothing is kept: work that is under way needs it more. */
const LEAST_FREE = 0.1;

/**
 * Checkouts that jobs left on this agent, for later jobs of the same slot (so of the same user), repository and trust class.
 * The folder belongs to the agent alone. What is kept of one: `work`, the files as the job left them, and `index`, Git's own
 * record of them from before the job began, which the job never had a way to change.
 */
export class KeptCheckouts {
  /** @param perSlot how many a slot keeps; 0: none */
  constructor(
    private readonly folder: string,
    private readonly perSlot: number,
  ) {}

  /** Where the checkout of a job in this slot comes from and goes to; null: it is nobody's but the job's own. */
  placeFor(slot: number, checkout: Checkout): KeptPlace | null {
    if (this.perSlot === 0 || checkout.trustClass === null) return null;
    return new KeptPlace(join(this.slotFolder(slot), nameOf(checkout.repositoryId, checkout.trustClass)), () => this.tidy(slot));
  }

  /** Slots that hold one which a job with this checkout could take. */
  async slotsWith(checkout: Checkout | null): Promise<number[]> {
    if (this.perSlot === 0 || !checkout || checkout.trustClass === null) return [];
    const name = nameOf(checkout.repositoryId, checkout.trustClass);
    const slots = (await readdir(this.folder).catch(() => [])).map(Number);
    const holding = await Promise.all(slots.map((slot) => lstat(join(this.slotFolder(slot), name, 'work')).catch(() => null)));
    return slots.filter((_, n) => holding[n] !== null);
  }

  private slotFolder(slot: number): string {
    return join(this.folder, `${slot}`);
  }

  /** The least lately used go; all of them when the disk fills. */
  private async tidy(slot: number): Promise<void> {
    const folder = this.slotFolder(slot);
    const { bavail, blocks } = await statfs(folder);
    const most = bavail / blocks < LEAST_FREE ? 0 : this.perSlot;
    const names = await readdir(folder);
    const ages = await Promise.all(names.map(async (name) => ({ name, usedMs: (await stat(join(folder, name))).mtimeMs })));
    for (const { name } of ages.sort((a, b) => b.usedMs - a.usedMs).slice(most)) await removeTree(join(folder, name));
  }
}

/** One kept checkout, or the place for it. One job at a time: a slot has no more. */
export class KeptPlace {
  private readonly work: string;
  /** Git's index of the files as they were before a job had them. */
  readonly index: string;

  constructor(
    private readonly folder: string,
    private readonly tidy: () => Promise<void>,
  ) {
    this.work = join(folder, 'work');
    this.index = join(folder, 'index');
  }

  /** Moves the files to `target`, an empty folder. Times and numbers of the files stay, so that the index still knows them. @returns whether there were any */
  async takeInto(target: string): Promise<boolean> {
    if (!(await lstat(this.index).catch(() => null))) return false;
    return rename(this.work, target).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return false;
        throw error;
      },
    );
  }

  /** Notes the index that Git has just written, before the job begins. Its time is what tells Git of files that were changed in the same instant. */
  async saveIndex(source: string): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await copyIndex(source, this.index);
  }

  /** Takes the files back from a job that is over, with all its processes. Its repository, which it could write, is not kept. */
  async keep(source: string): Promise<void> {
    await removeTree(join(source, '.git'));
    await removeTree(this.work);
    await rename(source, this.work);
    await utimes(this.folder, new Date(), new Date());
    await this.tidy();
  }

  async forget(): Promise<void> {
    await removeTree(this.folder);
  }
}

/** To the millisecond and never later than the original: Git then looks into files of that instant, rather than trusting their times. */
export async function copyIndex(source: string, target: string): Promise<void> {
  const found = await lstat(source);
  if (!found.isFile()) throw new Error(`${source} is not a file.`);
  await rm(target, { force: true });
  await copyFile(source, target);
  const at = Math.floor(found.mtimeMs) / 1_000;
  await utimes(target, at, at);
}

const nameOf = (repositoryId: string, trustClass: string): string =>
  shorten(createHash('sha256').update(`${repositoryId}\0${trustClass}`).digest('hex'), 32);
