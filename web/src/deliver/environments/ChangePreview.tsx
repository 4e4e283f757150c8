import { useQuery } from '@apollo/client/react';
import { errorMessage } from '../../api/errors.ts';
import { DeployPreviewDocument, type DeployPreviewQuery } from '../../generated/graphql.ts';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import { Skeleton } from '../../ui/Skeleton.tsx';
import css from './environments.module.css';
import { ReleaseCommits } from './ReleaseCommits.tsx';

type Preview = DeployPreviewQuery['deployPreview'];

/** What going to a release would change, said before it is done. A rollback brings back the configuration of its time too. */
export function ChangePreview({ environmentId, releaseId, rollback }: { environmentId: string; releaseId: string; rollback: boolean }) {
  const { data, error } = useQuery(DeployPreviewDocument, {
    variables: { environmentId, releaseId, rollback },
    fetchPolicy: 'network-only',
  });
  return (
    <section className={css.preview} aria-label="What will change" aria-live="polite">
      <h3>What will change</h3>
      {error ? <ErrorNote message={errorMessage(error)} /> : null}
      {!data && !error ? <Skeleton width="60%" /> : null}
      {data ? <Changes preview={data.deployPreview} /> : null}
    </section>
  );
}

function Changes({ preview }: { preview: Preview }) {
  const nothing = preview.commits.length === 0 && preview.variables.length === 0 && preview.secrets.length === 0;
  return (
    <>
      {nothing ? <p className="muted">Nothing: this is what serves now, with the same configuration.</p> : null}
      <ReleaseCommits contents={preview} tense="future" />
      <Variables variables={preview.variables} />
      {preview.secrets.length > 0 ? (
        <p>
          Other versions of the secrets <strong>{preview.secrets.join(', ')}</strong>.
        </p>
      ) : null}
      {preview.warm ? <p className="muted">It is still running: the switch takes under a second.</p> : null}
    </>
  );
}

function Variables({ variables }: { variables: Preview['variables'] }) {
  if (variables.length === 0) return null;
  return (
    <table className={css.changes}>
      <thead>
        <tr>
          <th scope="col">Variable</th>
          <th scope="col">Now</th>
          <th scope="col">Then</th>
        </tr>
      </thead>
      <tbody>
        {variables.map((variable) => (
          <tr key={variable.name}>
            <td>
              <code>{variable.name}</code>
            </td>
            <td>{variable.before ?? <span className="muted">not set</span>}</td>
            <td>{variable.after ?? <span className="muted">removed</span>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
