/** What has happened to a repository. */
export type RunEvent =
  | { kind: 'push' /** refs/heads/… or refs/tags/… */; ref: string; message: string; changedPaths: ChangedPaths }
  | { kind: 'pull_request'; baseBranch: string; message: string; changedPaths: ChangedPaths };

/** Paths of files that differ from what was there before; null where there is nothing to compare with, or too much: then all of them count. */
export type ChangedPaths = readonly string[] | null;
