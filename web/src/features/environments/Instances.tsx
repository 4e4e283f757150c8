import type { EnvironmentDetailsFragment } from '../../generated/graphql.ts';
import { Panel } from '../../ui/Panel.tsx';
import rows from '../../ui/rows.module.css';
import { Time } from '../../ui/Time.tsx';
import { HealthBadge } from '../states/StateBadges.tsx';
import css from './environments.module.css';

export function Instances({ instances }: { instances: EnvironmentDetailsFragment['instances'] }) {
  return (
    <Panel title="Instances" flush>
      {instances.length === 0 ? <p className={css.note}>No process of the application runs here at the moment.</p> : null}
      <div className={`${rows.list}`} style={{ '--columns': '104px 72px minmax(60px, 1fr) 72px' } as React.CSSProperties}>
        {instances.map((instance) => (
          <div key={instance.id} className={rows.row} title={instance.message ?? undefined}>
            <HealthBadge health={instance.state} />
            <code>{instance.release?.version ?? '–'}</code>
            <span className={`${rows.clip} muted`} data-wide>
              {instance.message ?? `port ${instance.port}${instance.pid ? `, pid ${instance.pid}` : ''}`}
              {instance.restarts > 0 ? `, restarted ${instance.restarts} ×` : ''}
            </span>
            <span className={rows.right}>
              <Time at={instance.startedAt} />
            </span>
          </div>
        ))}
      </div>
    </Panel>
  );
}
