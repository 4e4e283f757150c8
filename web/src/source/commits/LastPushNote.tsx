import { useQuery } from '@apollo/client/react';
import { IconInfoCircle } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useLive } from '../../api/use-live.ts';
import { addressOf } from '../../domain/addresses.ts';
import { LastPushesChangedDocument, LastPushesDocument } from '../../generated/graphql.ts';
import { Time } from '../../ui/Time.tsx';
import css from './commits.module.css';
import { refOf, whoPushed } from './push-words.ts';

/** Who deletes a branch expects no run, and who adds a repository one at most. */
const EXPECTED = new Set(['deleted', 'import']);

/** Shown above the runs if the newest push started none, for people who have just pushed and look for their run: says why. */
export function LastPushNote({ project, newestRunAt }: { project: string; newestRunAt: string | null }) {
  const { data } = useQuery(LastPushesDocument, { variables: { project } });
  useLive(LastPushesChangedDocument, { project });
  const repositories = data?.project?.repositories ?? [];
  const [newest] = repositories
    .flatMap((repository) => repository.pushes.edges.map(({ node }) => ({ repository, push: node })))
    .sort((a, b) => b.push.pushedAt.localeCompare(a.push.pushedAt));
  if (!newest?.push.noRun || EXPECTED.has(newest.push.noRun.code)) return null;
  const { push, repository } = newest;
  if (newestRunAt && newestRunAt > push.pushedAt) return null;
  return (
    <p className={css.lastPush} role="status">
      <IconInfoCircle size={16} aria-hidden="true" />
      <span>
        The last push, to <strong>{refOf(push.ref).name}</strong> ({whoPushed(push)}, <Time at={push.pushedAt} />
        ), started no run. {push.noRun?.message} <Link to={addressOf.pushes(project, repository.name)}>All pushes</Link>
      </span>
    </p>
  );
}
