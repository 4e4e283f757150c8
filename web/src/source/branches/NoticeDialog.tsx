import { Button } from '@mantine/core';
import { Dialog } from '../../ui/Dialog.tsx';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';

/** Shows why an action of a menu failed: the menu is closed by then, so there is no other place for it. */
export function NoticeDialog({ title, message, onClose }: { title: string; message: string; onClose: () => void }) {
  return (
    <Dialog onClose={onClose} title={title}>
      <ErrorNote message={message} />
      <Button variant="default" onClick={onClose} mt={16} data-autofocus>
        Close
      </Button>
    </Dialog>
  );
}
