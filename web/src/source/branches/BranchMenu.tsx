import { ActionIcon, Menu } from '@mantine/core';
import { IconArrowsDiff, IconDots, IconGitCommit, IconGitMerge, IconStar, IconTrash } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { Link } from 'react-router';
import { useAction } from '../../api/use-action.ts';
import { addressOf } from '../../domain/addresses.ts';
import { type BranchRowFragment, SetDefaultBranchDocument } from '../../generated/graphql.ts';
import { DeleteBranchDialog } from './DeleteBranchDialog.tsx';
import { MergeDialog } from './MergeDialog.tsx';
import { NoticeDialog } from './NoticeDialog.tsx';
import type { RowPlace } from './row-place.ts';

export function BranchMenu({ branch, place }: { branch: BranchRowFragment; place: RowPlace }) {
  const [open, setOpen] = useState<'merge' | 'delete' | null>(null);
  const close = () => setOpen(null);
  const [listed, setListed] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  // It stands where the button was that asked for it, and takes over its focus, to give it back when it is closed.
  useEffect(() => {
    button.current?.focus();
    setListed(true);
  }, []);
  const { repository, project, onChange } = place;
  const at = { project, repository: repository.name };
  const makeDefault = useAction(SetDefaultBranchDocument);
  const onDefault = async () => {
    if (await makeDefault.run({ repositoryId: repository.id, name: branch.name })) onChange();
  };
  return (
    <>
      <Menu width={220} opened={listed} onChange={setListed} returnFocus>
        <Menu.Target>
          <ActionIcon ref={button} size={26} aria-label={`More for ${branch.name}`} loading={makeDefault.busy}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconGitCommit size={15} />} component={Link} to={addressOf.commits(at, branch.name)}>
            Commits
          </Menu.Item>
          {branch.isDefault ? null : (
            <Menu.Item
              leftSection={<IconArrowsDiff size={15} />}
              component={Link}
              to={addressOf.compare(at, repository.defaultBranch ?? 'HEAD', branch.name)}
            >
              Compare with {repository.defaultBranch}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconGitMerge size={15} />} onClick={() => setOpen('merge')}>
            Merge…
          </Menu.Item>
          {!branch.isDefault && repository.kind === 'HOSTED' ? (
            <Menu.Item leftSection={<IconStar size={15} />} onClick={() => void onDefault()}>
              Make default
            </Menu.Item>
          ) : null}
          {branch.isDefault ? null : (
            <Menu.Item leftSection={<IconTrash size={15} />} color="var(--negative)" onClick={() => setOpen('delete')}>
              Delete…
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {makeDefault.error ? (
        <NoticeDialog title={`${branch.name} is not the default branch`} message={makeDefault.error} onClose={makeDefault.reset} />
      ) : null}
      {open === 'delete' ? <DeleteBranchDialog branch={branch.name} place={place} onClose={close} /> : null}
      {open === 'merge' ? (
        <MergeDialog
          at={{ ...at, id: repository.id }}
          source={branch.isDefault ? '' : branch.name}
          target={repository.defaultBranch ?? ''}
          onDone={onChange}
          onClose={close}
        />
      ) : null}
    </>
  );
}
