import type { PullRequestDetailsFragment } from '../../generated/graphql.ts';
import { Panel } from '../../ui/Panel.tsx';
import css from './pull-requests.module.css';

/** The server names a hundred files at most. */
const MOST_NAMED = 100;

/** Which files, and how to go on; nothing when it can be merged. */
export function Conflicts({
  pullRequest: { state, mergeState, conflicts, baseBranch, sourceBranch },
}: {
  pullRequest: PullRequestDetailsFragment;
}) {
  if (state !== 'OPEN' || mergeState !== 'CONFLICT') return null;
  return (
    <Panel title={`In conflict with ${baseBranch}`}>
      <p>
        Both sides changed the same, so there is nothing to build. Merge <strong>{baseBranch}</strong> into <strong>{sourceBranch}</strong>,
        resolve these files, and push: a run starts by itself.
      </p>
      <ul className={css.files}>
        {conflicts.map((path) => (
          <li key={path}>
            <code>{path}</code>
          </li>
        ))}
      </ul>
      {conflicts.length >= MOST_NAMED ? <p className="muted">The first {MOST_NAMED} are named.</p> : null}
    </Panel>
  );
}
