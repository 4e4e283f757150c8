import { useState } from 'react';
import { RefField } from '../branches/RefField.tsx';
import css from './commits.module.css';

type Props = { at: { project: string; repository: string }; shown: string; onChoose: (ref: string) => void };

/** The ref whose commits are shown. A branch is opened as soon as it is chosen, anything else with Enter. */
export function RefChoice({ at, shown, onChoose }: Props) {
  const [typed, setTyped] = useState(shown);
  return (
    <div className={css.refChoice}>
      <RefField
        label="Branch, tag or commit"
        hideLabel
        at={at}
        value={typed}
        onChange={setTyped}
        onChoose={onChoose}
        onEnter={() => typed.trim() && onChoose(typed.trim())}
      />
    </div>
  );
}
