import { Button } from '@mantine/core';
import css from './ErrorPanel.module.css';

/** A page, or a part of one, that could not be shown. `message` says what, why and what to do now. */
export function ErrorPanel({ title, message, onRetry }: { title: string; message: string; onRetry?: () => void }) {
  return (
    <div className={css.panel} role="alert">
      <h2>{title}</h2>
      <p>{message}</p>
      {onRetry ? (
        <Button variant="default" onClick={onRetry}>
          Try again
        </Button>
      ) : null}
    </div>
  );
}

/** An action that did not work, said where the action is. */
export function ErrorNote({ message }: { message: string | null }) {
  if (!message) return null;
  return (
    <p className={css.note} role="alert">
      {message}
    </p>
  );
}
