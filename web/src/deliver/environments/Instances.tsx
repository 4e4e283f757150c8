import { InstanceBadge } from '../../domain/StateBadges.tsx';
import type { EnvironmentDetailsFragment } from '../../generated/graphql.ts';
import { Panel } from '../../ui/Panel.tsx';
import rows from '../../ui/rows.module.css';
import { Tag } from '../../ui/Tag.tsx';
import { Time } from '../../ui/Time.tsx';
import css from './environments.module.css';
import { instanceRole, instanceWords } from './instance-words.ts';

type Instance = EnvironmentDetailsFragment['instances'][number];

type InstancesProps = { instances: Instance[]; problems: EnvironmentDetailsFragment['problems']; isKnown: boolean };

/** What runs here: which of it gets the traffic, and which is kept warm. And what could not be done, with what the application printed last. */
export function Instances({ instances, problems, isKnown }: InstancesProps) {
  const servingFirst = [...instances].sort((a, b) => Number(b.serving) - Number(a.serving));
  return (
    <Panel title="Instances" flush>
      {instances.length === 0 ? <p className={css.note}>No process of the application is running here.</p> : null}
      <div className={`${rows.list} ${css.instances}`}>
        {servingFirst.map((instance) => (
          <div key={instance.id} className={rows.row} title={instanceWords(instance)} data-standby={!instance.serving || undefined}>
            <InstanceBadge state={instance.state} isKnown={isKnown} />
            <span>
              <Role instance={instance} isKnown={isKnown} />
            </span>
            <code>{instance.release?.version ?? '–'}</code>
            <span className={`${rows.clip} muted`} data-wide>
              {instanceWords(instance)}
            </span>
            <span className={rows.right}>
              <Time at={instance.startedAt} />
            </span>
          </div>
        ))}
      </div>
      {problems.map(({ message }) => (
        <p key={message} className={css.problem}>
          {message}
        </p>
      ))}
    </Panel>
  );
}

function Role({ instance, isKnown }: { instance: Instance; isKnown: boolean }) {
  const role = instanceRole(instance);
  if (role === null) return null;
  if (role === 'standby') return <Tag title="Kept running without traffic, so that a rollback to it takes under a second">Standby</Tag>;
  return (
    <Tag tone="accent" title={isKnown ? 'Serves the traffic' : 'Served the traffic when last seen'}>
      Live
    </Tag>
  );
}
