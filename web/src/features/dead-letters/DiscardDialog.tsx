import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';

type Props = { about: string; busy: boolean; error: string | null; onDiscard: () => void; onClose: () => void };

/** It can't be taken back, so it asks, naming the thing. */
export function DiscardDialog({ about, busy, error, onDiscard, onClose }: Props) {
  return (
    <Modal opened onClose={onClose} title="Discard this for good?">
      <Stack>
        <Text>
          <strong>{about}</strong> is forgotten, and what it would have brought about never happens. This can’t be undone.
        </Text>
        <ErrorNote message={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Cancel
          </Button>
          <Button color="red" loading={busy} onClick={onDiscard}>
            Discard
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
