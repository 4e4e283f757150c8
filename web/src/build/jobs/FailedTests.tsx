import { useQuery } from '@apollo/client/react';
import { IconChevronRight } from '@tabler/icons-react';
import { errorMessage } from '../../api/errors.ts';
import { useMore } from '../../api/use-more.ts';
import { FailedTestsDocument, type FailedTestsQuery } from '../../generated/graphql.ts';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import { formatCount, formatDuration } from '../../ui/format.ts';
import { LoadMore } from '../../ui/LoadMore.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { StateShape } from '../../ui/StateShape.tsx';
import { parseAnsi } from '../logs/ansi.ts';
import '../logs/ansi.css';
import css from './jobs.module.css';
import { storedTests, type TestTotals } from './stored-tests.ts';

type FailedCase = NonNullable<FailedTestsQuery['job']>['failedTests'][number];

type FailedTestsProps = { jobId: string; total: TestTotals /** Came while the log was shown. */; late?: boolean };

/**
 * The number of failed tests and the first of them, in two lines at once; all of them with their messages on demand, so that the log stays visible.
 */
export function FailedTests({ jobId, total, late = false }: FailedTestsProps) {
  const { data, error, fetchMore } = useQuery(FailedTestsDocument, { variables: { id: jobId } });
  const more = useMore(() => fetchMore({ variables: { id: jobId, after: cases?.at(-1)?.id } }));
  const cases = data?.job?.failedTests;
  const stored = total.failed - total.onlyCounted.failed;
  const notAll = storedTests(total);
  return (
    <details className={late ? `${css.tests} ${css.late}` : css.tests}>
      <summary className={css.testsSummary}>
        <IconChevronRight size={16} aria-hidden="true" />
        <h2>{testsFailed(total)}</h2>
        <span className={css.firstTest}>{cases?.[0] ? inALine(cases[0]) : null}</span>
      </summary>
      {notAll ? <p className={css.stored}>{notAll}</p> : null}
      {error && !cases ? <ErrorNote message={errorMessage(error)} /> : null}
      {!cases && !error ? <RowsSkeleton rows={Math.min(3, stored)} /> : null}
      <ul className={css.cases}>
        {cases?.map((test, index) => (
          <FailedTest key={test.id} test={test} open={index < 3} />
        ))}
      </ul>
      {cases && cases.length < stored ? (
        <LoadMore {...more}>
          {formatCount(cases.length)} of {formatCount(stored)} are shown: load more
        </LoadMore>
      ) : null}
    </details>
  );
}

function FailedTest({ test, open }: { test: FailedCase; open: boolean }) {
  return (
    <li>
      <details className={css.test} open={open}>
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
        {test.message ? <pre className={css.message}>{colored(test.message)}</pre> : null}
        {test.output && test.output !== test.message ? (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
          <pre className={css.output} tabIndex={0}>
            {colored(test.output)}
          </pre>
        ) : null}
        {test.file ? <p className={css.file}>{test.file}</p> : null}
      </details>
    </li>
  );
}

/** `3 of 40 tests failed, 2 skipped`. */
function testsFailed({ passed, failed, skipped }: TestTotals): string {
  const counts = `${formatCount(failed)} of ${formatCount(failed + passed)} tests failed`;
  return skipped > 0 ? `${counts}, ${formatCount(skipped)} skipped` : counts;
}

/** `cart › counts: expected 2, got 3`. */
function inALine({ suite, name, message }: FailedCase): string {
  const said = message
    ?.split('\n')
    .map(plain)
    .find((line) => line.trim() !== '');
  return `${suite} › ${name}${said ? `: ${said.trim()}` : ''}`;
}

const plain = (line: string): string =>
  parseAnsi(line)
    .map(({ text }) => text)
    .join('');

function colored(text: string) {
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
