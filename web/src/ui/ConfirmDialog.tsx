import { Button, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import css from './Dialog.module.css';
import { Dialog } from './Dialog.tsx';
import { ErrorNote } from './ErrorPanel.tsx';

type ConfirmDialogProps = {
  title: string;
  /** The name that must be typed before the button works: what can't be undone asks, naming the thing. */
  name: string;
  action: string;
  busy: boolean;
  error: string | null;
  onConfirm: () => void;
  onClose: () => void;
  children: ReactNode;
};

/** For what can't be undone. Rendered only while open. */
export function ConfirmDialog({ title, name, action, busy, error, onConfirm, onClose, children }: ConfirmDialogProps) {
  const [typed, setTyped] = useState('');
  return (
    <Dialog onClose={onClose} title={title}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (typed === name) onConfirm();
        }}
      >
        <div>{children}</div>
        <TextInput
          label={`Type ${name} to confirm`}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          data-autofocus
        />
        <ErrorNote message={error} />
        <div className={css.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" color="red" disabled={typed !== name} loading={busy}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
