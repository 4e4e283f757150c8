import { GraphQLError } from 'graphql';
import { ago, connection, type Thing } from './fake-things.ts';

const aLetter = (id: string, letter: Thing): Thing => ({
  id,
  projectId: 'p1',
  projectName: 'storefront',
  repositoryName: null,
  tries: 1,
  failedAt: ago(12),
  ...letter,
});

/** What could not be taken: one that is taken the next time, and some that are not. */
export class FakeDeadLetters {
  letters: Thing[] = [
    aLetter('dl1', {
      kind: 'PUSH',
      about: 'Push of "feature/größe" at 1a2b3c4',
      repositoryName: 'web',
      error: 'unsupported Unicode escape sequence',
    }),
    aLetter('dl2', {
      kind: 'JOB',
      about: 'A report of job "integration"',
      error: 'value "9000000000" is out of range for type integer',
      failedAt: ago(95),
    }),
    aLetter('dl3', {
      kind: 'OUTBOX_MESSAGE',
      about: 'Message to changed.project.0190f3a4-7d1e-7cc3-9d50-6f0a3f1c2b11',
      projectId: null,
      projectName: null,
      error: "'payload': max_payload size exceeded",
      tries: 5,
      failedAt: ago(2_000),
    }),
  ];
  /** Ids of those that can't be taken again either. */
  readonly refused = new Set(['dl3']);

  private readonly take = (id: string): number => {
    this.letters = this.letters.filter((letter) => letter.id !== id);
    return this.letters.length;
  };

  readonly query: Thing = {
    deadLetters: (page: Thing) => connection(this.letters, page),
    deadLetterCount: () => this.letters.length,
  };

  readonly mutation: Thing = {
    retryDeadLetter: ({ id }: Thing) => {
      const letter = this.letters.find((each) => each.id === id);
      if (!letter || !this.refused.has(id)) return this.take(id);
      throw new GraphQLError(`It failed again: ${letter.error}. Fix that, then try it again.`, {
        extensions: { code: 'still_refused', kind: 'conflict' },
      });
    },
    discardDeadLetter: ({ id }: Thing) => this.take(id),
  };
}
