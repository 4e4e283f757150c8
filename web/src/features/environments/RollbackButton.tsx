import { Button } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useAction } from '../../api/use-action.ts';
import { RollbackDocument } from '../../generated/graphql.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { addressOf } from '../states/addresses.ts';
import { ChangePreview } from './ChangePreview.tsx';
import type { PageEnvironment } from './EnvironmentPage.tsx';
import css from './environments.module.css';
import { rollbackTargets } from './rollback-targets.ts';

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

type Targets = ReturnType<typeof rollbackTargets>;

function RollbackDialog({ environment, targets, onClose }: { environment: PageEnvironment; targets: Targets; onClose: () => void }) {
  const navigate = useNavigate();
  const [chosen, setChosen] = useState(targets[0]?.id ?? '');
  const { run, busy, error } = useAction(RollbackDocument);
  const target = targets.find((each) => each.id === chosen);
  const rollBack = async () => {
    const result = await run({ environmentId: environment.id, toReleaseId: chosen });
    if (result) navigate(addressOf.deployment(result.rollback));
  };
  return (
    <FormDialog
      title={`Roll back ${environment.name}`}
      action={`Roll back to ${target?.version ?? ''}`}
      busy={busy}
      error={error}
      size={640}
      onSubmit={() => void rollBack()}
      onClose={onClose}
    >
      <div className={css.releases} role="radiogroup" aria-label="Release to go back to">
        {targets.map((each) => (
          <label key={each.id} className={css.release}>
            <input type="radio" name="release" checked={each.id === chosen} onChange={() => setChosen(each.id)} />
            <code>{each.version}</code>
            <span className={css.clip}>
              #{each.number} {each.subject}
            </span>
            <span className="muted">{each.warm ? 'warm' : ''}</span>
          </label>
        ))}
      </div>
      <ChangePreview environmentId={environment.id} releaseId={chosen} rollback />
    </FormDialog>
  );
}
