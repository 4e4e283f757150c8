import { useLayoutEffect } from 'react';

/**
 * For what lies over the page while it is rendered: takes the focus back to where it was before.
 * Where that is gone, to the content, so that the keyboard does not begin at the top of the page again.
 */
export function useFocusReturn(): void {
  // Before the dialog takes the focus; and of two that follow each other the first gives it back before the second looks.
  useLayoutEffect(() => {
    const opener = openerOf(document.activeElement);
    return () => {
      const target = opener?.isConnected ? opener : document.getElementById('main');
      target?.focus({ preventScroll: true });
    };
  }, []);
}

/** An entry of a menu leaves with its menu: what opened the menu stays. */
function openerOf(focused: Element | null): HTMLElement | null {
  const menuButton = focused?.closest('[role="menu"]')?.getAttribute('aria-labelledby');
  const opener = menuButton ? document.getElementById(menuButton) : focused;
  return opener instanceof HTMLElement && opener !== document.body ? opener : null;
}
