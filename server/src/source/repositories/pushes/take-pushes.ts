import { shorten } from '@slipway/protocol';
import type { Tx } from '../../../platform/database.js';
import { type DeadLetter, noteFailure, setAside, Tries, type Verdict } from '../../../platform/dead-letters.js';
import { faultOf } from '../../../platform/faults.js';
import { newId } from '../../../platform/ids.js';
import type { Logger } from '../../../platform/log.js';
import type { PushedRepository } from './decide-push.js';
import { importRefs } from './import-refs.js';
import { insertPushes, isGone, lockJournal, moveJournal, type NewPush, SET_ASIDE } from './push-rows.js';
import { branchOf, type RefUpdate, tagOf } from './receive-journal.js';
import { moveRef, type RecordPushDeps, recordPushes } from './record-push.js';

export type TakePushesDeps = RecordPushDeps & { log: Pick<Logger, 'warn' | 'error'> };

/** What is stored with a push that was set aside. */
export type PushLetter = { update: Omit<RefUpdate, 'at'> & { at: string } };

/**
 * Turns updates into rows, in the order of the journal. An update that can't be processed is set aside, so that those behind it can: the push is kept
 * without a run if that much works, and the branch is where it was pushed to.
 */
export class TakePushes {
  private readonly tries = new Tries();
  /** Repositories of which many updates at once have failed for a reason that is unclear. */
  private readonly suspects = new Set<string>();

  constructor(private readonly deps: TakePushesDeps) {}

  /** @throws what is tried again with the next round: it passes, or may pass */
  async take(repository: PushedRepository, updates: readonly RefUpdate[]): Promise<void> {
    const [update] = updates;
    if (!update) return;
    try {
      if (update.cause === 'import') await importRefs(this.deps, repository, updates);
      else await recordPushes(this.deps, repository, updates);
      if (updates.length > 1) this.suspects.delete(repository.id);
      for (const { offset } of updates) this.tries.done(keyOf(repository.id, offset));
    } catch (error) {
      if (updates.length === 1) await this.failed(repository, update, error);
      else if (this.mayPass(repository, error)) throw error;
      else await this.takeHalves(repository, updates);
    }
  }

  /** An unclear error gets a second try before one of the updates is assumed to be at fault. */
  private mayPass({ id }: PushedRepository, error: unknown): boolean {
    const fault = faultOf(error);
    if (fault !== 'unclear') return fault === 'passing';
    const isFirst = !this.suspects.has(id);
    this.suspects.add(id);
    return isFirst;
  }

  /** One of many is to blame. What has become rows by now stays as it is. */
  private async takeHalves(repository: PushedRepository, updates: readonly RefUpdate[]): Promise<void> {
    const middle = Math.ceil(updates.length / 2);
    await this.take(repository, updates.slice(0, middle));
    await this.take(repository, updates.slice(middle));
  }

  private async failed(repository: PushedRepository, update: RefUpdate, error: unknown): Promise<void> {
    const verdict = this.tries.failed(keyOf(repository.id, update.offset), error);
    if (verdict.fault === 'passing') throw error;
    if (verdict.isOver) return this.setAside(repository, update, error, verdict);
    noteFailure(this.deps.log, letterOf(repository, update), verdict, error);
    throw error;
  }

  /** Sets an update aside after servers have died while processing it. */
  giveUp(repository: PushedRepository, update: RefUpdate, deaths: number): Promise<void> {
    return this.setAside(repository, update, new Error(DEADLY), { fault: 'lasting', tries: deaths, isOver: true });
  }

  private async setAside(repository: PushedRepository, update: RefUpdate, error: unknown, verdict: Verdict): Promise<void> {
    const letter = letterOf(repository, update);
    noteFailure(this.deps.log, letter, verdict, error);
    const aside = (tx: Tx) => setAside(tx, letter, error, verdict.tries);
    try {
      await this.pass(repository, update, async (tx) => {
        await aside(tx);
        await keepWithoutRun(tx, repository, update);
      });
    } catch (again) {
      if (faultOf(again) === 'passing') throw again;
      await this.pass(repository, update, aside);
    }
  }

  /** Moves the journal past an update, unless another server has. */
  private async pass(repository: PushedRepository, update: RefUpdate, work: (tx: Tx) => Promise<void>): Promise<void> {
    await this.deps.db.transaction(async (tx) => {
      const done = await lockJournal(tx, repository.id);
      if (done === undefined || done > update.offset) return;
      await work(tx);
      await moveJournal(tx, repository.id, update.end);
    });
  }
}

const DEADLY = 'The server ended several times while it took this push, so it is not tried again by itself.';

/** A tag may point at something that is not a commit, which needs more than is known here. */
async function keepWithoutRun(tx: Tx, repository: PushedRepository, update: RefUpdate): Promise<void> {
  const push: NewPush = { ...update, id: newId(), commits: 0, forced: false, noRun: SET_ASIDE };
  await insertPushes(tx, repository.id, [push]);
  if (branchOf(update.ref) !== null) await moveRef(tx, repository, update, isGone(update) ? null : update.newSha);
}

function letterOf({ id, projectId }: PushedRepository, update: RefUpdate): DeadLetter {
  const name = branchOf(update.ref) ?? tagOf(update.ref) ?? update.ref;
  const body: PushLetter = { update: { ...update, at: update.at.toISOString() } };
  return {
    kind: 'push',
    key: keyOf(id, update.offset),
    about: `Push of "${shorten(name, 100, '…')}" at ${shorten(update.newSha, 7)}`,
    projectId,
    repositoryId: id,
    body,
  };
}

const keyOf = (repositoryId: string, offset: number): string => `${repositoryId}:${offset}`;
