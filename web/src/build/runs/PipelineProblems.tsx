import type { RunDetailsFragment } from '../../generated/graphql.ts';
import { Panel } from '../../ui/Panel.tsx';
import { shorten } from '../../ui/shorten.ts';
import css from './RunPage.module.css';

/** What is wrong with the pipeline at this commit, where, and what to do. */
export function PipelineProblems({ problems, sha }: { problems: RunDetailsFragment['problems']; sha: string }) {
  const many = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return (
    <Panel title={`The pipeline can’t be read: ${many}`} flush>
      <ol className={css.problems}>
        {problems.map((problem) => (
          <li key={`${problem.file}:${problem.line}:${problem.column}:${problem.message}`} className={css.problem}>
            <span className={css.place}>{[problem.file, problem.line, problem.column].filter((part) => part != null).join(':')}</span>
            <strong>{problem.message}</strong>
            <span className="muted">{problem.remedy}</span>
          </li>
        ))}
        <li className={css.problem}>
          <span className="muted">
            No job was started. Mend the file and push again; nothing else has to be done. This is commit <code>{shorten(sha, 7)}</code>.
          </span>
        </li>
      </ol>
    </Panel>
  );
}
