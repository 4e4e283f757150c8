/** What code hosts write into the first line of merge and squash commits. */
const IN_SUBJECT = [
  /^Merge pull request #(\d{1,9}) (?:from|in) /, // GitHub, Bitbucket Data Center
  /^Pull request #(\d{1,9}): /, // Bitbucket Data Center
  /^Merge pull request '.*' \(#(\d{1,9})\) from /, // Gitea
  /^Merged in .* \(pull request #(\d{1,9})\)$/, // Bitbucket Cloud
  / \(#(\d{1,9})\)$/, // squashed: GitHub, Gitea
];
/** GitLab writes it at the end. */
const IN_BODY = /^See merge request \S*!(\d{1,9})$/m;

/** Number of the pull or merge request that a commit says to have come from; proves nothing. */
export function pullRequestNumberIn(message: string): number | null {
  const subject = message.split('\n', 1)[0] ?? '';
  const found = IN_SUBJECT.map((pattern) => pattern.exec(subject)).find((match) => match !== null) ?? IN_BODY.exec(message);
  return found ? Number(found[1]) : null;
}
