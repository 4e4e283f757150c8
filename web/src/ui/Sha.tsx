import css from './Sha.module.css';
import { shorten } from './shorten.ts';

/** An abbreviated commit; the whole one on hover. */
export function Sha({ sha }: { sha: string }) {
  return (
    <code className={css.sha} title={sha}>
      {shorten(sha, 7)}
    </code>
  );
}
