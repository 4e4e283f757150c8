import type { JobDetailsFragment } from '../../generated/graphql.ts';
import { formatBytes } from '../../ui/format.ts';
import { Panel } from '../../ui/Panel.tsx';
import rows from '../../ui/rows.module.css';
import { shorten } from '../../ui/shorten.ts';
import { Time } from '../../ui/Time.tsx';
import css from './jobs.module.css';

export function Artifacts({ artifacts }: { artifacts: JobDetailsFragment['artifacts'] }) {
  if (artifacts.length === 0) return null;
  return (
    <Panel title="Artifacts" flush>
      <div className={`${rows.list} ${css.artifacts}`}>
        {artifacts.map((artifact) => (
          <div key={artifact.id} className={rows.row}>
            <strong className={rows.clip} data-wide>
              {artifact.name}
            </strong>
            <span className="mono">{formatBytes(artifact.size)}</span>
            <code className={`${rows.clip} muted`} title={`SHA-256 ${artifact.digest}`}>
              {shorten(artifact.digest, 12)}
            </code>
            <Time at={artifact.createdAt} />
            {artifact.downloadUrl ? (
              <a href={artifact.downloadUrl} download>
                Download
              </a>
            ) : (
              <span className="muted">expired</span>
            )}
          </div>
        ))}
      </div>
    </Panel>
  );
}
