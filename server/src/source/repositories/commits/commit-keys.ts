import { manyEach } from '../../../platform/graphql/batch.js';

export type CommitKey = { repositoryId: string; sha: string; message: string };

/** Many commits as a table of a statement, with {@link columnsOf} as its first two parameters; `place` says which of them a row is about. */
export const KEYS = 'unnest($1::uuid[], $2::text[]) with ordinality as k (repository, sha, place)';
export type Placed<T> = T & { place: number };

export const columnsOf = (keys: readonly CommitKey[]): [string[], string[]] => [
  keys.map((key) => key.repositoryId),
  keys.map((key) => key.sha),
];

/** The rows of each commit. */
export const placed = <T>(keys: readonly CommitKey[], rows: readonly Placed<T>[]): Placed<T>[][] =>
  manyEach(
    keys.map((_, n) => n + 1),
    rows,
    (row) => row.place,
  );
