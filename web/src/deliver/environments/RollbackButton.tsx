import { Button } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useAction } from '../../api/use-action.ts';
import { addressOf } from '../../domain/addresses.ts';
import { RollbackDocument } from '../../generated/graphql.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { Tag } from '../../ui/Tag.tsx';
import { ChangePreview } from './ChangePreview.tsx';
import type { PageEnvironment } from './page-environment.ts';
import { ReleaseChoice } from './ReleaseChoice.tsx';
import { type RollbackTarget, rollbackTargets } from './rollback-targets.ts';

/** Back to what served before, showing first what changes. */
export function RollbackButton({ environment }: { environment: PageEnvironment }) {
  const [open, setOpen] = useState(false);
  const targets = rollbackTargets(environment);
  if (targets.length === 0) return null;
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconArrowBackUp size={16} />}
        onClick={() => setOpen(true)}
        disabled={environment.state !== 'active'}
      >
        Roll back
      </Button>
      {open ? <RollbackDialog environment={environment} targets={targets} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

function RollbackDialog({
  environment,
  targets,
  onClose,
}: {
  environment: PageEnvironment;
  targets: RollbackTarget[];
  onClose: () => void;
}) {
  const navigate = useNavigate();
  const [wanted, setWanted] = useState<string | null>(null);
  const { run, busy, error } = useAction(RollbackDocument);
  // The chosen release may serve by now; then it is no longer a target.
  const target = targets.find((each) => each.release.id === wanted) ?? targets[0];
  const chosen = target?.release.id ?? '';
  const underWay = environment.activeDeployment?.state === 'WAITING' ? null : environment.activeDeployment;
  const rollBack = async () => {
    const result = await run({ environmentId: environment.id, toReleaseId: chosen });
    if (result) navigate(addressOf.deployment(result.rollback));
  };
  return (
    <FormDialog
      title={`Roll back ${environment.name}`}
      action={`Roll back to ${target?.release.version ?? ''}`}
      busy={busy}
      error={error}
      size={640}
      onSubmit={() => void rollBack()}
      onClose={onClose}
    >
      {underWay ? (
        <p>
          The {underWay.kind === 'rollback' ? 'rollback to' : 'deployment of'} <code>{underWay.release.version}</code> that is under way is
          undone at once.
        </p>
      ) : null}
      <ReleaseChoice
        label="Release to go back to"
        choices={targets.map((each) => ({ release: each.release, at: each.servedAt, notes: <TargetNotes target={each} /> }))}
        chosen={chosen}
        onChoose={setWanted}
      />
      <ChangePreview environmentId={environment.id} releaseId={chosen} rollback />
    </FormDialog>
  );
}

function TargetNotes({ target }: { target: RollbackTarget }) {
  return (
    <>
      {target.isWarm ? <Tag tone="accent">Warm</Tag> : null}
      {target.wasRolledBack ? <Tag tone="warning">Rolled back before</Tag> : null}
      {target.isSameCommit ? <Tag>Same commit as now</Tag> : null}
    </>
  );
}
