import { useQuery } from '@apollo/client/react';
import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { errorMessage } from '../../api/errors.ts';
import { useAction } from '../../api/use-action.ts';
import { addressOf } from '../../domain/addresses.ts';
import { DeployDocument, type ReleaseRowFragment, ReleasesDocument, type Strategy } from '../../generated/graphql.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { Tag } from '../../ui/Tag.tsx';
import { ChangePreview } from './ChangePreview.tsx';
import type { PageEnvironment } from './page-environment.ts';
import { ReleaseChoice } from './ReleaseChoice.tsx';
import { matchesRelease } from './release-words.ts';
import { STRATEGY_WORDS } from './strategy-words.ts';

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

/** How many releases are listed first, and at most. */
const FIRST = 30;
const MOST = 100;

/** Choose a release, see what it would change, deploy. */
function DeployDialog({ environment, onClose }: { environment: PageEnvironment; onClose: () => void }) {
  const navigate = useNavigate();
  const [count, setCount] = useState(FIRST);
  const releases = useQuery(ReleasesDocument, { variables: { project: environment.project.name, first: count } });
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState<string | null>(null);
  const [strategy, setStrategy] = useState<Strategy>('BLUE_GREEN');
  const { run, busy, error } = useAction(DeployDocument);
  const { repository } = environment;
  const all = (releases.data ?? releases.previousData)?.releases ?? [];
  // An environment takes the releases of the repository that it belongs to.
  const list = all.filter((each) => !repository || !each.run || each.run.repository.id === repository.id);
  const found = list.filter((each) => matchesRelease(each, typed));
  const asChoice = (each: ReleaseRowFragment) => ({
    release: each,
    at: each.createdAt,
    notes: each.id === environment.release?.id ? <Tag tone="accent">Live now</Tag> : null,
  });
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
          There are no releases yet. A run with a deploy job creates one: push to a repository in {environment.project.name}.
        </p>
      ) : null}
      {list.length > 0 ? (
        <>
          <TextInput
            label="Find a release"
            placeholder="Commit, branch, repository or author"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            data-autofocus
          />
          {list.length < all.length ? (
            <p className="muted">Only releases of {repository?.name} are listed, as one of them serves here.</p>
          ) : null}
          <ReleaseChoice label="Release" choices={found.map(asChoice)} chosen={chosen} onChoose={setChosen} />
          {found.length === 0 ? (
            <p className="muted">
              None of the last {list.length} releases matches “{typed}”.
            </p>
          ) : null}
          {all.length >= count && count < MOST ? (
            <Button variant="default" loading={releases.loading} onClick={() => setCount(MOST)}>
              Show older releases
            </Button>
          ) : null}
        </>
      ) : null}
      {chosen ? <ChangePreview environmentId={environment.id} releaseId={chosen} rollback={false} /> : null}
      <NativeSelect
        label="Strategy"
        data={Object.entries(STRATEGY_WORDS).map(([value, { does }]) => ({ value, label: does }))}
        value={strategy}
        onChange={(event) => setStrategy(event.currentTarget.value as Strategy)}
      />
    </FormDialog>
  );
}
