import { Modal, type ModalProps } from '@mantine/core';
import { useFocusReturn } from './focus-return.ts';

/** Over the page until it is answered. Rendered only while open; the focus then goes back to what opened it. */
export function Dialog(props: Omit<ModalProps, 'opened'>) {
  useFocusReturn();
  return <Modal opened {...props} />;
}
