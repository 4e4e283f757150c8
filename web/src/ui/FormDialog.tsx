import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import css from './Dialog.module.css';
import { Dialog } from './Dialog.tsx';
import { ErrorNote } from './ErrorPanel.tsx';

type FormDialogProps = {
  title: string;
  action: string;
  busy: boolean;
  disabled?: boolean;
  error: string | null;
  size?: number;
  onSubmit: () => void;
  onClose: () => void;
  children: ReactNode;
};

/** A small form in a dialog, which a click beside it does not close: what was typed would be lost. Rendered only while open. */
export function FormDialog({ title, action, busy, disabled = false, error, size = 520, onSubmit, onClose, children }: FormDialogProps) {
  return (
    <Dialog onClose={onClose} title={title} size={size} closeOnClickOutside={false}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        {children}
        <ErrorNote message={error} />
        <div className={css.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={disabled} loading={busy}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
