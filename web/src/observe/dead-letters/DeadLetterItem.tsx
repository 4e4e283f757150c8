import { Button } from '@mantine/core';
import { useState } from 'react';
import { useAction } from '../../api/use-action.ts';
import { type DeadLetterRowFragment, DiscardDeadLetterDocument, RetryDeadLetterDocument } from '../../generated/graphql.ts';
import { announce } from '../../ui/announce.ts';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import { Time } from '../../ui/Time.tsx';
import { DiscardDialog } from './DiscardDialog.tsx';
import css from './dead-letters.module.css';
import { KIND_WORDS, placeOf } from './letter-words.ts';

type Props = { letter: DeadLetterRowFragment; onGone: () => void };

export function DeadLetterItem({ letter, onGone }: Props) {
  const retry = useAction(RetryDeadLetterDocument);
  const discard = useAction(DiscardDeadLetterDocument);
  const [asking, setAsking] = useState(false);
  const gone = (said: string) => {
    announce(`${letter.about}: ${said}`);
    onGone();
  };
  const tryAgain = async () => {
    if (await retry.run({ id: letter.id })) gone('it is tried again.');
  };
  const forget = async () => {
    if (!(await discard.run({ id: letter.id }))) return;
    setAsking(false);
    gone('it was discarded.');
  };
  return (
    <li className={css.letter}>
      <div className={css.head}>
        <h2 className={css.about}>{letter.about}</h2>
        <span className={css.place}>{[KIND_WORDS[letter.kind], placeOf(letter)].filter(Boolean).join(' · ')}</span>
      </div>
      <pre className={css.error}>{letter.error}</pre>
      <div className={css.foot}>
        <span className="muted">
          {letter.tries === 1 ? 'Tried once' : `Tried ${letter.tries} times`}, last <Time at={letter.failedAt} />
        </span>
        <span className={css.buttons}>
          <Button variant="default" color="red" onClick={() => setAsking(true)} aria-label={`Discard: ${letter.about}`}>
            Discard
          </Button>
          <Button variant="default" loading={retry.busy} onClick={() => void tryAgain()} aria-label={`Try again: ${letter.about}`}>
            Try again
          </Button>
        </span>
      </div>
      <ErrorNote message={retry.error} />
      {asking ? (
        <DiscardDialog
          about={letter.about}
          busy={discard.busy}
          error={discard.error}
          onDiscard={() => void forget()}
          onClose={() => setAsking(false)}
        />
      ) : null}
    </li>
  );
}
