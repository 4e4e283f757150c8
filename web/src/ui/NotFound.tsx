import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { EmptyState } from './EmptyState.tsx';
import { Page } from './Page.tsx';

export type WayOut = { to: string; name: string };
type Props = { title: string; way: WayOut; children: ReactNode };

/** Replaces a page about something that does not exist: retrying would not help, so it links elsewhere. */
export function NotFound(props: Props) {
  return (
    <Page title={props.title} heading={null}>
      <NothingHere {...props} isPage />
    </Page>
  );
}

/** As {@link NotFound}, below the title of a page. */
export function NothingHere({ title, way, children, isPage = false }: Props & { isPage?: boolean }) {
  return (
    <EmptyState
      title={title}
      isPage={isPage}
      action={
        <Button component={Link} to={way.to}>
          {way.name}
        </Button>
      }
    >
      {children}
    </EmptyState>
  );
}
