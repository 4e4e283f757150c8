import { Button } from '@mantine/core';
import { Link } from 'react-router';
import { addressOf } from '../../domain/addresses.ts';
import { Dialog } from '../../ui/Dialog.tsx';
import { Sha } from '../../ui/Sha.tsx';

type Props = { at: { project: string; repository: string }; source: string; target: string; sha: string; onClose: () => void };

/** What came of a merge, and where to look next: the target's run starts by itself. */
export function MergeDone({ at, source, target, sha, onClose }: Props) {
  return (
    <Dialog onClose={onClose} title="Merged">
      <p>
        <strong>{source}</strong> is merged into <strong>{target}</strong>, which is at <Sha sha={sha} /> now. Its run starts as after a
        push.
      </p>
      <div style={{ display: 'flex', justifyContent: 'flex-end', gap: 8, marginTop: 16 }}>
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
        <Button component={Link} to={addressOf.commits(at, target)} onClick={onClose} data-autofocus>
          See the commits
        </Button>
      </div>
    </Dialog>
  );
}
