/** @param from a branch, tag or sha; null: the default branch. @throws DomainError */
export type CreateBranch = (
  repositoryId: string,
  branch: { name: string; from: string | null },
  userId: string,
) => Promise<{ name: string; sha: string }>;
