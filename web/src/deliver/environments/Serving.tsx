import { IconExternalLink } from '@tabler/icons-react';
import { Link } from 'react-router';
import { addressOf, applicationUrl } from '../../domain/addresses.ts';
import { Panel } from '../../ui/Panel.tsx';
import { Sha } from '../../ui/Sha.tsx';
import { Time } from '../../ui/Time.tsx';
import css from './environments.module.css';
import type { PageEnvironment } from './page-environment.ts';

/** A failed deployment deployed something, but nothing of it serves. */
export const nothingServes = ({ deployments }: Pick<PageEnvironment, 'deployments'>): string =>
  deployments.edges.length === 0 ? 'Nothing has been deployed here yet.' : 'Nothing serves here yet: no deployment has succeeded.';

/** What serves now, since when, and where to see it; what is kept warm beside it. */
export function Serving({ environment }: { environment: PageEnvironment }) {
  const { release, warmRelease, warmUntil, port, health } = environment;
  const isSick = health === 'UNHEALTHY' || health === 'STARTING';
  return (
    <Panel title={isSick ? 'Should be serving' : 'Serving now'}>
      <div className={css.stack}>
        {release ? (
          <div className={css.serving}>
            <div className={css.version}>
              <strong>
                Release {release.number} · <code>{release.version}</code>
              </strong>
              <span>
                {release.commitSha.startsWith(release.version) ? null : <Sha sha={release.commitSha} />}{' '}
                {release.commit?.subject ?? release.branch}
              </span>
              <span className="muted">
                {environment.releaseSince ? (
                  <>
                    Live since <Time at={environment.releaseSince} />
                  </>
                ) : null}
                {environment.releaseSince && release.run ? ', built by ' : release.run ? 'Built by ' : null}
                {release.run ? <Link to={addressOf.run(release.run)}>run {release.run.number}</Link> : null}
              </span>
            </div>
          </div>
        ) : (
          <p className="muted">{nothingServes(environment)} A deploy job does it, or deploy a release by hand.</p>
        )}
        {port && release ? (
          <a className={css.address} href={applicationUrl(port)} target="_blank" rel="noreferrer">
            {applicationUrl(port)} <IconExternalLink size={14} aria-hidden="true" />
          </a>
        ) : null}
        {warmRelease ? (
          <p className="muted">
            Release {warmRelease.number} (<code>{warmRelease.version}</code>) is kept warm
            {warmUntil ? ` until ${new Date(warmUntil).toLocaleTimeString(undefined, { timeStyle: 'short' })}` : ''}: rolling back to it
            takes under a second.
          </p>
        ) : null}
      </div>
    </Panel>
  );
}
