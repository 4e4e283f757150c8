import css from './LogView.module.css';

/** Why lines are not arriving at the moment. */
export function LogProblem({ problem }: { problem: string | null }) {
  if (!problem) return null;
  return (
    <p className={css.problem} role="status">
      {problem}
    </p>
  );
}
