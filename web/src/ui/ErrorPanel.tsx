import { Button } from '@mantine/core';
import css from './ErrorPanel.module.css';

/** A part of a page that could not be shown, or the whole one (`isPage`). `message` says what, why and what to do now. */
export function ErrorPanel({ title, message, onRetry, isPage = false }: ErrorPanelProps) {
  const Heading = isPage ? 'h1' : 'h2';
  return (
    <div className={css.panel} role="alert">
      <Heading className={css.title}>{title}</Heading>
      <p>{message}</p>
      {onRetry ? (
        <Button variant="default" onClick={onRetry}>
          Try again
        </Button>
      ) : null}
    </div>
  );
}

type ErrorPanelProps = { title: string; message: string; onRetry?: (() => void) | undefined; isPage?: boolean };

/** Shows that an action failed, beside the action. */
export function ErrorNote({ message }: { message: string | null }) {
  if (!message) return null;
  return (
    <p className={css.note} role="alert">
      {message}
    </p>
  );
}
