import type { RepositoryKind } from '../../generated/graphql.ts';
import css from './repositories.module.css';

const KINDS: { kind: RepositoryKind; name: string; what: string }[] = [
  { kind: 'HOSTED', name: 'Hosted here', what: 'Slipway keeps it: push to it, and a run starts.' },
  {
    kind: 'EXTERNAL',
    name: 'At a code host',
    what: 'GitHub, GitLab, Gitea, Bitbucket, Azure DevOps or any Git server. Slipway keeps a mirror.',
  },
];

type KindChoiceProps = { legend?: string; chosen: RepositoryKind; onChoose: (kind: RepositoryKind) => void };

/** Where a repository is to live. */
export function KindChoice({ legend, chosen, onChoose }: KindChoiceProps) {
  return (
    <fieldset className={css.kinds}>
      <legend className={legend ? css.legend : 'visually-hidden'}>{legend ?? 'Kind of repository'}</legend>
      {KINDS.map(({ kind, name, what }) => (
        <label key={kind} className={css.kind} data-chosen={kind === chosen || undefined}>
          <input type="radio" name="kind" value={kind} checked={kind === chosen} onChange={() => onChoose(kind)} />
          <span>
            <strong>{name}</strong>
            <span className="muted">{what}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
