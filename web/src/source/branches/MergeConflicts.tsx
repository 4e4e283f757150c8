import css from './branches.module.css';

type Conflict = { path: string; kind: string; message: string };

/** File by file, and what the two did to it. */
export function MergeConflicts({ conflicts }: { conflicts: Conflict[] }) {
  return (
    <div className={css.conflicts}>
      <p>
        <strong>{conflicts.length === 1 ? 'One file is in conflict.' : `${conflicts.length} files are in conflict.`}</strong> Merge the
        target into the source branch, resolve them there, push, and merge again.
      </p>
      <ul>
        {conflicts.map((conflict) => (
          <li key={`${conflict.path} ${conflict.kind}`}>
            <code>{conflict.path}</code>
            <span className="muted">
              {conflict.kind.toLowerCase().replaceAll('_', '/')}: {conflict.message}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
