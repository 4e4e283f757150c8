import { Button, Menu } from '@mantine/core';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useNavigate } from 'react-router';
import { useAction } from '../../api/use-action.ts';
import { addressOf } from '../../domain/addresses.ts';
import { TriggerRunDocument } from '../../generated/graphql.ts';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import type { FrameProject } from './frame-project.ts';

/** Starts the pipeline of a default branch by hand. Nothing to start before the first push. */
export function RunPipelineButton({ project }: { project: FrameProject }) {
  const navigate = useNavigate();
  const { run, busy, error } = useAction(TriggerRunDocument);
  const ready = project.repositories.filter((repository) => repository.defaultBranch);
  const start = async (repositoryId: string) => {
    const result = await run({ repositoryId });
    if (result) navigate(addressOf.run(result.triggerRun));
  };
  const [only] = ready;
  if (!only) return null;
  const look = { variant: 'default', leftSection: <IconPlayerPlay size={16} />, loading: busy } as const;
  return (
    <>
      <ErrorNote message={error} />
      {ready.length === 1 ? (
        <Button {...look} onClick={() => void start(only.id)}>
          Run {only.defaultBranch}
        </Button>
      ) : (
        <Menu>
          <Menu.Target>
            <Button {...look}>Run…</Button>
          </Menu.Target>
          <Menu.Dropdown>
            {ready.map((repository) => (
              <Menu.Item key={repository.id} onClick={() => void start(repository.id)}>
                {repository.name} / {repository.defaultBranch}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </>
  );
}
