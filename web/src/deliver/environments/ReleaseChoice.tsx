import type { ReactNode } from 'react';
import type { ReleaseRowFragment } from '../../generated/graphql.ts';
import { Time } from '../../ui/Time.tsx';
import css from './environments.module.css';
import { originOfRelease } from './release-words.ts';

export type ChoosableRelease = { release: ReleaseRowFragment; at: string; notes: ReactNode };

/** One release of several: what is in it, where it comes from, and how old it is. */
export function ReleaseChoice({ label, choices, chosen, onChoose }: ReleaseChoiceProps) {
  return (
    <div className={css.releases} role="radiogroup" aria-label={label}>
      {choices.map(({ release, at, notes }) => (
        <label key={release.id} className={css.release}>
          <input type="radio" name="release" value={release.id} checked={release.id === chosen} onChange={() => onChoose(release.id)} />
          <span>
            <span className={css.clip} title={release.commit?.subject}>
              <code>{release.version}</code> {release.commit?.subject}
            </span>
            <span className={`${css.clip} muted`} title={originOfRelease(release)}>
              {originOfRelease(release)} {notes}
            </span>
          </span>
          <Time at={at} />
        </label>
      ))}
    </div>
  );
}

type ReleaseChoiceProps = { label: string; choices: ChoosableRelease[]; chosen: string | null; onChoose: (id: string) => void };
