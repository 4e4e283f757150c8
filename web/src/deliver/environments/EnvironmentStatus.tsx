import { HealthBadge } from '../../domain/StateBadges.tsx';
import { Time } from '../../ui/Time.tsx';
import { ActiveDeployment } from './ActiveDeployment.tsx';
import css from './environments.module.css';
import type { PageEnvironment } from './page-environment.ts';
import { nothingServes } from './Serving.tsx';

/** Where the environment stands: one strip in one place, so that a deployment that begins or ends moves nothing below it. */
export function EnvironmentStatus({ environment }: { environment: PageEnvironment }) {
  const { activeDeployment, health } = environment;
  return (
    <section className={css.status} aria-label="Status" data-health={activeDeployment ? 'DEPLOYING' : (health ?? undefined)}>
      {activeDeployment ? (
        <ActiveDeployment deployment={activeDeployment} />
      ) : (
        <>
          <HealthBadge environment={environment} size="large" />
          <p className={css.statusText} title={environment.healthMessage ?? undefined}>
            <StatusText environment={environment} />
          </p>
        </>
      )}
    </section>
  );
}

function StatusText({ environment }: { environment: PageEnvironment }) {
  const { release, releaseSince, healthMessage } = environment;
  if (healthMessage) return healthMessage;
  if (!release) return nothingServes(environment);
  return (
    <>
      Serving <code>{release.version}</code>
      {releaseSince ? (
        <>
          {' '}
          since <Time at={releaseSince} />
        </>
      ) : null}
    </>
  );
}
