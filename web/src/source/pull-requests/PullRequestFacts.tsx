import { Link } from 'react-router';
import { StatusReportLine } from '../../build/runs/StatusReportLine.tsx';
import { addressOf } from '../../domain/addresses.ts';
import type { PullRequestDetailsFragment } from '../../generated/graphql.ts';
import { CopySha } from '../../ui/CopySha.tsx';
import { Fact, Facts, Panel } from '../../ui/Panel.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { Time } from '../../ui/Time.tsx';
import { MERGE_LOOK } from './pull-request-looks.ts';

type Props = { pullRequest: PullRequestDetailsFragment; at: { project: string; repository: string } };

export function PullRequestFacts({ pullRequest, at }: Props) {
  const report = pullRequest.runs.find((run) => run.statusReport)?.statusReport;
  return (
    <Panel
      title="What gets built"
      actions={<Link to={addressOf.compare(at, pullRequest.baseBranch, pullRequest.headSha)}>Commits and files</Link>}
    >
      <Facts>
        <Fact name="Merge with the base">
          {pullRequest.state === 'OPEN' ? <StateBadge look={MERGE_LOOK[pullRequest.mergeState]} /> : '–'}
        </Fact>
        <Fact name="Newest commit">
          <CopySha sha={pullRequest.headSha} />
        </Fact>
        <Fact name="Merge that is built">{pullRequest.mergeSha ? <CopySha sha={pullRequest.mergeSha} /> : 'none yet'}</Fact>
        <Fact name="Opened">
          <Time at={pullRequest.openedAt} />
        </Fact>
        {pullRequest.closedAt ? (
          <Fact name={pullRequest.state === 'MERGED' ? 'Merged' : 'Closed'}>
            <Time at={pullRequest.closedAt} />
          </Fact>
        ) : null}
      </Facts>
      {report ? <StatusReportLine report={report} /> : null}
    </Panel>
  );
}
