import { Button } from '@mantine/core';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { useApi } from '../../api/api.ts';
import { useAction } from '../../api/use-action.ts';
import { DeleteEnvironmentDocument, UpdateEnvironmentDocument } from '../../generated/graphql.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { FormDialog } from '../../ui/FormDialog.tsx';
import { Fact, Facts, Panel } from '../../ui/Panel.tsx';
import { SecretsPanel } from '../secrets/Secrets.tsx';
import css from './environments.module.css';
import { LimitFields, limitsOf, textsOf } from './LimitFields.tsx';
import type { PageEnvironment } from './page-environment.ts';
import { Variables } from './Variables.tsx';

export function EnvironmentSettings({ environment }: { environment: PageEnvironment }) {
  return (
    <>
      <div className={css.grid}>
        <Variables environment={environment} />
        <SecretsPanel title="Secrets" owner={{ ...environment, __typename: 'Environment' }} secrets={environment.secrets} />
      </div>
      <Limits environment={environment} />
      <DeleteEnvironment environment={environment} />
    </>
  );
}

function Limits({ environment }: { environment: PageEnvironment }) {
  const { limits } = environment;
  const [editing, setEditing] = useState(false);
  const [texts, setTexts] = useState(() => textsOf(limits));
  const { run, busy, error } = useAction(UpdateEnvironmentDocument);
  const unlimited = limits.cpuCores == null && limits.memoryMib == null && limits.storageMib == null;
  const save = async () => {
    if (await run({ id: environment.id, limits: limitsOf(texts) })) setEditing(false);
  };
  const open = () => {
    setTexts(textsOf(limits));
    setEditing(true);
  };
  return (
    <Panel
      title="Limits"
      actions={
        <Button variant="default" onClick={open}>
          Change
        </Button>
      }
    >
      <Facts>
        <Fact name="CPU">{limits.cpuCores == null ? 'no limit' : `${limits.cpuCores} cores`}</Fact>
        <Fact name="Memory">{limits.memoryMib == null ? 'no limit' : `${limits.memoryMib} MiB`}</Fact>
        <Fact name="Storage">{limits.storageMib == null ? 'no limit' : `${limits.storageMib} MiB (watched)`}</Fact>
        <Fact name="On this agent">
          {unlimited
            ? 'nothing to enforce'
            : limits.state === 'ENFORCED'
              ? `enforced${earlierText(environment.instances)}`
              : 'not enforced: the agent’s machine does not let it set limits'}
        </Fact>
      </Facts>
      {editing ? (
        <FormDialog
          title={`Limits of ${environment.name}`}
          action="Save limits"
          busy={busy}
          error={error}
          onSubmit={() => void save()}
          onClose={() => setEditing(false)}
        >
          <LimitFields value={texts} onChange={setTexts} />
        </FormDialog>
      ) : null}
    </Panel>
  );
}

/** An agent replaces them at once, unless what it starts with the new ones does not become healthy. */
function earlierText(instances: PageEnvironment['instances']): string {
  const count = instances.filter(({ earlierLimits }) => earlierLimits).length;
  if (count === 0) return '';
  return count === 1 ? '; one instance still runs with the earlier limits' : `; ${count} instances still run with the earlier limits`;
}

function DeleteEnvironment({ environment }: { environment: PageEnvironment }) {
  const [asking, setAsking] = useState(false);
  const navigate = useNavigate();
  const { cache } = useApi().apollo;
  const { run, busy, error } = useAction(DeleteEnvironmentDocument);
  const remove = async () => {
    if (!(await run({ id: environment.id }))) return;
    navigate(`/projects/${environment.project.name}/environments`);
    cache.evict({ id: cache.identify({ __typename: 'Environment', id: environment.id }) });
    cache.gc();
  };
  return (
    <Panel>
      <div className={css.danger}>
        <p className="muted">Deleting stops the application, frees its port and deletes its variables and secrets. The history goes too.</p>
        <Button variant="default" color="red" onClick={() => setAsking(true)}>
          Delete environment
        </Button>
      </div>
      {asking ? (
        <ConfirmDialog
          title="Delete environment"
          name={environment.name}
          action="Delete environment"
          busy={busy}
          error={error}
          onConfirm={() => void remove()}
          onClose={() => setAsking(false)}
        >
          <strong>
            {environment.project.name} / {environment.name}
          </strong>{' '}
          stops serving at once, and its variables, secrets and history are deleted. This can’t be undone.
        </ConfirmDialog>
      ) : null}
    </Panel>
  );
}
