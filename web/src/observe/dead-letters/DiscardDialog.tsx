import { Button } from '@mantine/core';
import css from '../../ui/Dialog.module.css';
import { Dialog } from '../../ui/Dialog.tsx';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';

type Props = { about: string; busy: boolean; error: string | null; onDiscard: () => void; onClose: () => void };

/** It can't be taken back, so it asks, naming the thing. */
export function DiscardDialog({ about, busy, error, onDiscard, onClose }: Props) {
  return (
    <Dialog onClose={onClose} title="Discard this for good?">
      <div className={css.form}>
        <div>
          <strong>{about}</strong> is forgotten, and what it would have brought about never happens. This can’t be undone.
        </div>
        <ErrorNote message={error} />
        <div className={css.buttons}>
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button color="red" loading={busy} onClick={onDiscard}>
            Discard
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
