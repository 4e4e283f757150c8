import { useQuery } from '@apollo/client/react';
import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Link } from 'react-router';
import { addressOf } from '../../domain/addresses.ts';
import { RunBadge } from '../../domain/StateBadges.tsx';
import { ProjectFrameDocument, type RunRowFragment } from '../../generated/graphql.ts';
import { CreateTokenDialog } from '../../people/access/CreateTokenDialog.tsx';
import { CopyField } from '../../ui/CopyField.tsx';
import { Panel } from '../../ui/Panel.tsx';
import css from './first-push.module.css';

/** The project that an empty installation makes itself. */
const SAMPLE = 'sample';

export function GuidedStart({ project: name, newest }: { project: string; newest: RunRowFragment }) {
  const { data } = useQuery(ProjectFrameDocument, { variables: { name } });
  const [asking, setAsking] = useState(false);
  const repository = data?.project?.repositories.find(({ kind }) => kind === 'HOSTED');
  if (!repository) return null;
  return (
    <Panel title="Push a change of your own">
      <ol className={css.guide}>
        <Step title="Clone the repository">
          <CopyField value={`git clone ${repository.cloneUrl}`} label="clone command" />
          <p className="muted">
            When Git asks, any user name will do; the password is a token.{' '}
            <Button variant="default" onClick={() => setAsking(true)}>
              Get a token
            </Button>
          </p>
        </Step>
        <Step title="Change something">
          <p className="muted">
            {name === SAMPLE ? (
              <>
                The name in the greeting of <code>src/page.js</code>, say.
              </>
            ) : (
              'Any file will do.'
            )}
          </p>
        </Step>
        <Step title="Commit and push">
          <CopyField value={'git commit -am "My first change" && git push'} label="push command" />
        </Step>
        <Step title="Watch it go live">
          <Arrival newest={newest} />
        </Step>
      </ol>
      {asking ? <CreateTokenDialog suggestedName="git" onClose={() => setAsking(false)} /> : null}
    </Panel>
  );
}

function Step({ title, children }: { title: string; children: ReactNode }) {
  return (
    <li className={css.guideStep}>
      <h3>{title}</h3>
      {children}
    </li>
  );
}

/** Waits for the push; then leads on to its run. */
function Arrival({ newest }: { newest: RunRowFragment }) {
  const arrived = newest.number > 1;
  return (
    <p className={css.arrival} role="status">
      {arrived ? (
        <>
          <RunBadge run={newest} />
          <Button component={Link} to={addressOf.run(newest)}>
            Open run {newest.number}
          </Button>
        </>
      ) : (
        <span className="muted">Waiting for your push. Its run appears here within a second.</span>
      )}
    </p>
  );
}
