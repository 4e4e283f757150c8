import { DEPLOYMENT_LOOK } from '../../domain/looks.ts';
import type { DeploymentDetailsFragment } from '../../generated/graphql.ts';
import { formatDuration } from '../../ui/format.ts';
import { StateBadge } from '../../ui/StateBadge.tsx';
import css from './deployments.module.css';

type DeploymentEvent = DeploymentDetailsFragment['events'][number];

/** What happened, in order, with the time since the beginning. */
export function DeploymentSteps({ events, over }: { events: DeploymentEvent[]; over: boolean }) {
  if (events.length === 0) return <p className={css.none}>Nothing has happened yet.</p>;
  const start = Date.parse(events[0]?.at ?? '');
  return (
    <ol className={css.steps}>
      {events.map((event, index) => (
        <li key={`${event.at} ${event.event}`} className={css.step} data-current={(!over && index === events.length - 1) || undefined}>
          <span className={css.when}>+{formatDuration(Date.parse(event.at) - start)}</span>
          <span>
            {event.state ? <StateBadge look={DEPLOYMENT_LOOK[event.state]} /> : <strong>{event.event.replaceAll('_', ' ')}</strong>}
            {event.message ? <span className={css.detail}>{event.message}</span> : null}
          </span>
        </li>
      ))}
    </ol>
  );
}
