import type { StatusReportFactsFragment } from '../../generated/graphql.ts';
import { formatDuration } from '../../ui/format.ts';
import { Time } from '../../ui/Time.tsx';
import { useNow } from '../../ui/ticker.ts';
import css from './StatusReportLine.module.css';

/** What the code host was told, or its own words why it did not take it. */
export function StatusReportLine({ report }: { report: StatusReportFactsFragment }) {
  const now = useNow(Boolean(report.nextTryAt));
  const waitMs = report.nextTryAt ? Date.parse(report.nextTryAt) - now : null;
  return (
    <p className={css.line} data-failed={report.error ? true : undefined}>
      <span className="muted">Reported to the host as </span>
      <code>{report.context}</code>:{' '}
      {report.error ? (
        <>
          <strong>refused.</strong> {report.error}{' '}
          <span className="muted">
            {waitMs === null ? 'It is not retried.' : waitMs > 1000 ? `Tried again in ${formatDuration(waitMs)}.` : 'Being tried again.'} If
            it says that access is denied, mend the token in the repository’s settings.
          </span>
        </>
      ) : (
        <>
          {report.state.toLowerCase()}, {report.description}{' '}
          {report.isTold && report.sentAt ? (
            <>
              (sent <Time at={report.sentAt} />)
            </>
          ) : (
            <span className="muted">(being sent)</span>
          )}
        </>
      )}
    </p>
  );
}
