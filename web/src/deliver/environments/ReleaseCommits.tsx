import type { CommitFactsFragment } from '../../generated/graphql.ts';
import { Sha } from '../../ui/Sha.tsx';
import css from './environments.module.css';

type Contents = { commits: CommitFactsFragment[]; commitsTruncated: boolean; direction: string };
type Tense = 'future' | 'past';

const WORDS: Record<Tense, { out: string; back: string }> = {
  future: { out: 'will go out:', back: 'will no longer be served:' },
  past: { out: 'in it:', back: 'removed by it:' },
};

/** The commits between one release and another. Nothing when there are none. */
export function ReleaseCommits({ contents: { commits, commitsTruncated, direction }, tense }: { contents: Contents; tense: Tense }) {
  if (commits.length === 0) return null;
  const count = `${commits.length}${commitsTruncated ? ' and more' : ''} ${commits.length === 1 ? 'commit' : 'commits'}`;
  return (
    <div>
      <p>
        {count} {direction === 'backward' ? WORDS[tense].back : WORDS[tense].out}
      </p>
      <ul className={css.commits}>
        {commits.map((commit) => (
          <li key={commit.sha}>
            <Sha sha={commit.sha} />
            <span className={css.clip}>{commit.subject}</span>
            <span className="muted">{commit.authorName}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
