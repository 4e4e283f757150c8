import { ActionIcon } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { loadPart } from '../../api/load-part.ts';
import type { BranchRowFragment } from '../../generated/graphql.ts';
import type { RowPlace } from './row-place.ts';

const BranchMenu = lazy(async () => ({ default: (await loadPart(() => import('./BranchMenu.tsx'))).BranchMenu }));

/** What else can be done with a branch. The menu is made when it is first asked for: a list may have thousands of rows. */
export function BranchActions({ branch, place }: { branch: BranchRowFragment; place: RowPlace }) {
  const [wanted, setWanted] = useState(false);
  const closed = (
    <ActionIcon size={26} aria-label={`More for ${branch.name}`} aria-haspopup="menu" onClick={() => setWanted(true)}>
      <IconDots size={16} />
    </ActionIcon>
  );
  if (!wanted) return closed;
  return (
    <Suspense fallback={closed}>
      <BranchMenu branch={branch} place={place} />
    </Suspense>
  );
}
