import { IconGitBranch, IconTag } from '@tabler/icons-react';
import { Link } from 'react-router';
import { addressOf } from '../../domain/addresses.ts';
import { RunBadge } from '../../domain/StateBadges.tsx';
import type { PushRowFragment } from '../../generated/graphql.ts';
import { Sha } from '../../ui/Sha.tsx';
import { Tag } from '../../ui/Tag.tsx';
import { Time } from '../../ui/Time.tsx';
import css from './commits.module.css';
import { pushWords, refOf, whoPushed } from './push-words.ts';

type Place = { project: string; repository: string };

export function PushRow({ push, at }: { push: PushRowFragment; at: Place }) {
  const { name, isTag } = refOf(push.ref);
  const Mark = isTag ? IconTag : IconGitBranch;
  const isGone = /^0+$/.test(push.newSha);
  return (
    <li className={css.push}>
      <div className={css.pushWhat}>
        <span className={css.pushRef}>
          <Mark size={14} aria-label={isTag ? 'Tag' : 'Branch'} />
          {isGone ? (
            <s title={name}>{name}</s>
          ) : (
            <Link to={addressOf.commits(at, name)} title={name}>
              {name}
            </Link>
          )}
          {push.forced ? (
            <Tag tone="warning" title="Force-pushed: commits were left behind">
              forced
            </Tag>
          ) : null}
          <span className="muted">{pushWords(push)}</span>
        </span>
        <span className={css.pushHead}>
          {push.head ? (
            <>
              <Sha sha={push.head.sha} /> <span>{push.head.subject}</span>
            </>
          ) : null}
        </span>
      </div>
      <div className={css.pushCame}>
        {push.run ? (
          <Link to={addressOf.run(push.run)} data-row>
            <RunBadge run={push.run} /> <span className="muted">#{push.run.number}</span>
          </Link>
        ) : (
          <p className={css.reason}>
            <strong>No run.</strong> {push.noRun?.message ?? 'The reason was not recorded.'}
          </p>
        )}
      </div>
      <span className={css.pushBy}>
        {whoPushed(push)} <Time at={push.pushedAt} />
      </span>
    </li>
  );
}
