import { IconGitBranch, IconGitMerge, IconTag } from '@tabler/icons-react';
import { Link } from 'react-router';
import { addressOf } from '../../domain/addresses.ts';
import { RunBadge } from '../../domain/StateBadges.tsx';
import type { CommitRowFragment } from '../../generated/graphql.ts';
import { CopySha } from '../../ui/CopySha.tsx';
import rows from '../../ui/rows.module.css';
import { Tag } from '../../ui/Tag.tsx';
import { TimeOfDay } from '../../ui/Time.tsx';
import { byDay } from './by-day.ts';
import css from './commits.module.css';
import { ReachedEnvironments } from './ReachedEnvironments.tsx';

type Place = { project: string; repository: string };
type Props = { at: Place; commits: CommitRowFragment[]; reasons?: ReadonlyMap<string, string> };

/** Commits by the day they were made on: what ran for them, and where they got to. */
export function CommitList({ at, commits, reasons }: Props) {
  return byDay(commits).map(({ day, commits: ofDay }) => (
    <section key={`${day} ${ofDay[0]?.sha}`} aria-label={day}>
      <h2 className={css.day}>{day}</h2>
      <ul className={`${rows.list} ${css.commits}`}>
        {ofDay.map((commit) => (
          <CommitRow key={commit.sha} at={at} commit={commit} reason={reasons?.get(commit.sha)} />
        ))}
      </ul>
    </section>
  ));
}

function CommitRow({ at, commit, reason }: { at: Place; commit: CommitRowFragment; reason: string | undefined }) {
  const [newest] = commit.runs;
  return (
    <li className={rows.row} data-hover>
      <span className={css.subject} data-wide>
        {newest ? (
          <Link to={addressOf.run(newest)} className={rows.clip} title={commit.message} data-row>
            {commit.subject}
          </Link>
        ) : (
          <span className={rows.clip} title={commit.message}>
            {commit.subject}
          </span>
        )}
        <Marks at={at} commit={commit} />
      </span>
      <ReachedEnvironments project={at.project} reached={commit.environments} />
      <span className={`${rows.clip} muted`} title={commit.authorName}>
        {commit.authorName}
      </span>
      <Runs at={at} commit={commit} reason={reason} />
      <CopySha sha={commit.sha} />
      <span className={rows.right}>
        <TimeOfDay at={commit.committedAt} />
      </span>
    </li>
  );
}

/** Names that stand at the commit, and where it comes from. */
function Marks({ at, commit }: { at: Place; commit: CommitRowFragment }) {
  return (
    <>
      {commit.parents.length > 1 ? (
        <Tag title={`Merge of ${commit.parents.length} lines of history`}>
          <IconGitMerge size={12} aria-label="Merge" />
        </Tag>
      ) : null}
      {commit.pullRequestNumber ? (
        <Link to={addressOf.pullRequest(at, commit.pullRequestNumber)} className={css.pullRequest}>
          #{commit.pullRequestNumber}
        </Link>
      ) : null}
      {commit.branches.map((name) => (
        <Tag key={name} title={`Branch ${name} is at this commit`}>
          <IconGitBranch size={12} aria-label="Branch" /> {name}
        </Tag>
      ))}
      {commit.tags.map((name) => (
        <Tag key={name} title={`Tag ${name} is at this commit`}>
          <IconTag size={12} aria-label="Tag" /> {name}
        </Tag>
      ))}
    </>
  );
}

function Runs({ at, commit, reason }: { at: Place; commit: CommitRowFragment; reason: string | undefined }) {
  const [newest, ...older] = commit.runs;
  if (!newest && reason)
    return (
      <Link to={addressOf.pushes(at.project, at.repository)} className={css.why} title={reason}>
        no run: why? <span className="visually-hidden">{reason}</span>
      </Link>
    );
  if (!newest)
    return (
      <span
        className="muted"
        title="No run started at this commit: it was pushed together with newer ones, or before Slipway knew the repository."
      >
        no run
      </span>
    );
  return (
    <span className={css.runs}>
      <Link to={addressOf.run(newest)}>
        <RunBadge run={newest} />
      </Link>
      {older.map((run) => (
        <Link key={run.id} to={addressOf.run(run)} aria-label={`Run ${run.number}`}>
          <RunBadge run={run} compact />
        </Link>
      ))}
    </span>
  );
}
