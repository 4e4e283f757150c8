import type { CheckRemoteMutation } from '../../generated/graphql.ts';
import { formatCount } from '../../ui/format.ts';
import { Fact, Facts } from '../../ui/Panel.tsx';
import { StateBadge } from '../../ui/StateBadge.tsx';
import { HOST_NAME } from './host-words.ts';
import css from './repositories.module.css';

/** What is at the address, before it is added. */
export function RemoteFound({ remote }: { remote: CheckRemoteMutation['checkRemote'] }) {
  return (
    <section className={css.found} aria-label="Repository found">
      <StateBadge
        look={{ shape: 'tick', tone: 'positive', word: remote.read ? 'Found' : 'The host answers' }}
        detail={remote.read ? null : 'it will know the key once you have added it there'}
      />
      <Facts>
        {remote.read ? (
          <>
            <Fact name="Default branch">{remote.defaultBranch ?? 'none: it is empty'}</Fact>
            <Fact name="Branches">{formatCount(remote.branches)}</Fact>
            <Fact name="Tags">{formatCount(remote.tags)}</Fact>
          </>
        ) : null}
        <Fact name="Host">{HOST_NAME[remote.host]}</Fact>
        {remote.apiUrl ? <Fact name="API">{remote.apiUrl}</Fact> : null}
      </Facts>
      {remote.hostKeyFingerprints.length > 0 ? (
        <div>
          <p className="muted">
            Compare the host keys with the ones that the host publishes. They are pinned when the repository is added.
          </p>
          {remote.hostKeyFingerprints.map((fingerprint) => (
            <code key={fingerprint} className={css.long}>
              {fingerprint}
            </code>
          ))}
        </div>
      ) : null}
    </section>
  );
}
