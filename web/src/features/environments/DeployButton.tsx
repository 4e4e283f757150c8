import { useQuery } from '@apollo/client/react';
import { Button, NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { errorMessage } from '../../api/errors.ts';
import { useAction } from '../../api/use-action.ts';
import { DeployDocument, ReleasesDocument, type Strategy } from '../../generated/graphql.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { Time } from '../../ui/Time.tsx';
import { addressOf } from '../states/addresses.ts';
import { ChangePreview } from './ChangePreview.tsx';
import type { PageEnvironment } from './EnvironmentPage.tsx';
import css from './environments.module.css';

export function DeployButton({ environment }: { environment: PageEnvironment }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)} disabled={environment.state !== 'active'}>
        Deploy a release
      </Button>
      {open ? <DeployDialog environment={environment} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

const STRATEGIES: { value: Strategy; label: string }[] = [
  { value: 'BLUE_GREEN', label: 'Blue-green: start beside the old, switch when healthy' },
  { value: 'RECREATE', label: 'Recreate: stop the old, then start the new' },
];

/** Choose a release, see what it would change, deploy. */
function DeployDialog({ environment, onClose }: { environment: PageEnvironment; onClose: () => void }) {
  const navigate = useNavigate();
  const releases = useQuery(ReleasesDocument, { variables: { project: environment.project.name } });
  const [chosen, setChosen] = useState<string | null>(null);
  const [strategy, setStrategy] = useState<Strategy>('BLUE_GREEN');
  const { run, busy, error } = useAction(DeployDocument);
  const list = releases.data?.releases ?? [];
  const release = list.find((each) => each.id === chosen);
  const deploy = async () => {
    if (!chosen) return;
    const result = await run({ environmentId: environment.id, releaseId: chosen, strategy });
    if (result) navigate(addressOf.deployment(result.deploy));
  };
  return (
    <FormDialog
      title={`Deploy to ${environment.name}`}
      action={release ? `Deploy ${release.version}` : 'Deploy'}
      busy={busy}
      disabled={!chosen}
      error={error ?? (releases.error ? errorMessage(releases.error) : null)}
      size={640}
      onSubmit={() => void deploy()}
      onClose={onClose}
    >
      {releases.loading && list.length === 0 ? <RowsSkeleton rows={4} /> : null}
      {!releases.loading && list.length === 0 ? (
        <p className="muted">
          There is no release yet. A run with a deploy job makes one: push to a repository of {environment.project.name}.
        </p>
      ) : null}
      {list.length > 0 ? (
        <div className={css.releases} role="radiogroup" aria-label="Release">
          {list.map((each) => (
            <label key={each.id} className={css.release}>
              <input type="radio" name="release" value={each.id} checked={each.id === chosen} onChange={() => setChosen(each.id)} />
              <code>{each.version}</code>
              <span className={css.clip}>
                #{each.number} {each.commit?.subject ?? each.branch}
                {each.id === environment.release?.id ? <span className="muted"> (serves now)</span> : null}
              </span>
              <Time at={each.createdAt} />
            </label>
          ))}
        </div>
      ) : null}
      {chosen ? <ChangePreview environmentId={environment.id} releaseId={chosen} rollback={false} /> : null}
      <NativeSelect
        label="How"
        data={STRATEGIES}
        value={strategy}
        onChange={(event) => setStrategy(event.currentTarget.value as Strategy)}
      />
    </FormDialog>
  );
}
