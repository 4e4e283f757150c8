import { Button } from '@mantine/core';
import { Link, useRouteError } from 'react-router';
import { errorMessage } from '../api/errors.ts';
import { EmptyState } from '../ui/EmptyState.tsx';
import { ErrorPanel } from '../ui/ErrorPanel.tsx';
import { Page } from '../ui/Page.tsx';

export function NotFoundPage() {
  return (
    <Page title="Not found" heading={<h1 className="visually-hidden">Not found</h1>}>
      <EmptyState
        title="There is nothing at this address"
        action={
          <Button component={Link} to="/">
            Go to the projects
          </Button>
        }
      >
        It may have been deleted, or the link may be cut short. Press Ctrl K to go to something by its name.
      </EmptyState>
    </Page>
  );
}

/** Shown in place of a page that threw, or whose file could not be loaded (after an upgrade of the server, say). */
export function PageFailed() {
  const error = useRouteError();
  const isLoading = error instanceof TypeError && /import|module|fetch/i.test(error.message);
  const message = isLoading
    ? 'A part of the page could not be loaded: the server was upgraded or can’t be reached. Load the page again.'
    : `Something in this page went wrong: ${errorMessage(error)} The other pages still work; loading this one again may help.`;
  return <ErrorPanel title="This page could not be shown" message={message} onRetry={() => window.location.reload()} />;
}
