import { ErrorPanel } from '../ui/ErrorPanel.tsx';
import { NotFound, NothingHere, type WayOut } from '../ui/NotFound.tsx';
import { Page } from '../ui/Page.tsx';
import { errorMessage, isFinal } from './errors.ts';

type Props = { title: string; error: unknown; onRetry: () => void };

/** A part of a page that could not be read: with a way to ask again where that can help; where it can't, with the `way` elsewhere, if there is one. */
export function ReadFailed({ title, error, onRetry, way }: Props & { way?: WayOut }) {
  if (way && isFinal(error))
    return (
      <NothingHere title={title} way={way}>
        {errorMessage(error)}
      </NothingHere>
    );
  return <ErrorPanel title={title} message={errorMessage(error)} onRetry={isFinal(error) ? undefined : onRetry} />;
}

/** As {@link ReadFailed}, in place of a whole page; of what is not there, or not for this person, it says where to go instead. */
export function PageReadFailed({ title, error, onRetry, way }: Props & { way: WayOut }) {
  if (isFinal(error))
    return (
      <NotFound title={title} way={way}>
        {errorMessage(error)}
      </NotFound>
    );
  return (
    <Page title={title} heading={null}>
      <ErrorPanel title={title} message={errorMessage(error)} onRetry={onRetry} isPage />
    </Page>
  );
}
