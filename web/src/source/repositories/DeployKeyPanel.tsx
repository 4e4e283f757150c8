import { CopyField } from '../../ui/CopyField.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { FetchButton } from './FetchButton.tsx';
import { DEPLOY_KEY_PLACE } from './host-words.ts';
import css from './repositories.module.css';
import type { ExternalProps } from './use-repository.ts';

/** Guides from a new ssh key to the first fetch: the key has to be added at the host. */
export function DeployKeyPanel({ repository, connection }: ExternalProps) {
  const { error, state } = connection;
  return (
    <Panel title="Give Slipway’s key access">
      <div className={css.stack}>
        <p>
          Add the public key to the repository at the host as a deploy key, with write access if branches are to be merged from Slipway.{' '}
          <span className="muted">{DEPLOY_KEY_PLACE[repository.host ?? 'OTHER']}.</span>
        </p>
        <CopyField value={connection.publicKey ?? ''} label="public key" />
        <div className={css.line}>
          <FetchButton repository={repository} name="Check again" />
          <span className="muted" role="status">
            {state === 'FETCHING' ? 'Asking the host…' : error ? error.message : 'Not asked yet.'}
          </span>
        </div>
      </div>
    </Panel>
  );
}
