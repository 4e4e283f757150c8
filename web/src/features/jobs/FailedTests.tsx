import { useQuery } from '@apollo/client/react';
import { useEffect } from 'react';
import { errorMessage } from '../../api/errors.ts';
import { useMore } from '../../api/use-more.ts';
import { FailedTestsDocument } from '../../generated/graphql.ts';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import { formatCount, formatDuration } from '../../ui/format.ts';
import { LoadMore } from '../../ui/LoadMore.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { StateShape } from '../../ui/StateShape.tsx';
import { parseAnsi } from '../logs/ansi.ts';
import '../logs/ansi.css';
import css from './jobs.module.css';
import { storedTests, type TestTotals } from './stored-tests.ts';

type FailedTestsProps = { jobId: string; total: TestTotals /** Came while the log was shown. */; late?: boolean; onShown?: () => void };

/** Failures first, with what was said about each. `onShown`: they are there, or can't be read. */
export function FailedTests({ jobId, total, late = false, onShown }: FailedTestsProps) {
  const { data, error, fetchMore } = useQuery(FailedTestsDocument, { variables: { id: jobId } });
  const more = useMore(() => fetchMore({ variables: { id: jobId, after: cases?.at(-1)?.id } }));
  const cases = data?.job?.failedTests;
  const stored = total.failed - total.onlyCounted.failed;
  const notAll = storedTests(total);
  const isShown = Boolean(cases || error);
  useEffect(() => {
    if (isShown) onShown?.();
  }, [isShown, onShown]);
  return (
    <div className={late ? css.late : undefined}>
      <Panel title={titleOf(total)} flush>
        {notAll ? <p className={css.stored}>{notAll}</p> : null}
        {error && !cases ? <ErrorNote message={errorMessage(error)} /> : null}
        {!cases && !error ? <RowsSkeleton rows={Math.min(3, stored)} /> : null}
        <ul className={css.cases}>
          {cases?.map((test, index) => (
            <li key={test.id}>
              <details className={css.test} open={index < 3}>
                <summary>
                  <span className={css.failed}>
                    <StateShape shape="cross" progress={null} />
                  </span>
                  <span className={css.testName}>
                    <span className="muted">{test.suite} › </span>
                    {test.name}
                  </span>
                  <span className="muted mono">{test.durationMs == null ? '' : formatDuration(test.durationMs)}</span>
                </summary>
                {test.message ? <pre className={css.message}>{plain(test.message)}</pre> : null}
                {test.output && test.output !== test.message ? (
                  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
                  <pre className={css.output} tabIndex={0}>
                    {plain(test.output)}
                  </pre>
                ) : null}
                {test.file ? <p className={css.file}>{test.file}</p> : null}
              </details>
            </li>
          ))}
        </ul>
        {cases && cases.length < stored ? (
          <LoadMore {...more}>
            {formatCount(cases.length)} of {formatCount(stored)} are shown: load more
          </LoadMore>
        ) : null}
      </Panel>
    </div>
  );
}

function titleOf({ passed, failed, skipped }: TestTotals): string {
  const counts = `${formatCount(failed)} of ${formatCount(failed + passed)} tests failed`;
  return skipped > 0 ? `${counts}, ${formatCount(skipped)} skipped` : counts;
}

function plain(text: string) {
  return text.split('\n').map((line, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: lines of a finished text never move
    <span key={index}>
      {parseAnsi(line).map((span, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: spans of one line never move
        <span key={at} className={span.className || undefined}>
          {span.text}
        </span>
      ))}
      {'\n'}
    </span>
  ));
}
