import css from './Sha.module.css';

/** An abbreviated commit; the whole one on hover. */
export function Sha({ sha }: { sha: string }) {
  return (
    <code className={css.sha} title={sha}>
      {sha.slice(0, 7)}
    </code>
  );
}
