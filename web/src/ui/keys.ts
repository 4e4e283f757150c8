import { useEffect, useRef } from 'react';

type KeyMap = Record<string, (event: KeyboardEvent) => void>;

/** A second key of `g p` counts if it comes within this time. */
const SEQUENCE_MS = 1200;

let pending: { key: string; atMs: number } | null = null;

/**
 * Single keys (`f`, `N`, `?`) and sequences (`g p`), as long as nobody is typing and no dialog is open.
 * The map may change at each render.
 */
export function useKeys(keys: KeyMap): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const first = pending && performance.now() - pending.atMs < SEQUENCE_MS ? pending.key : null;
      const action = (first && current.current[`${first} ${event.key}`]) || (!first && current.current[event.key]);
      if (action) {
        event.preventDefault();
        action(event);
      }
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

/** Remembers the first key of a sequence. Mounted once, by the frame: after the maps of everybody else have seen the key. */
export function rememberSequence(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const starts = event.key === 'g' && !(pending && performance.now() - pending.atMs < SEQUENCE_MS);
  pending = starts ? { key: 'g', atMs: performance.now() } : null;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || isDialogOpen();
}

/** Wherever the focus is: a click beside a field takes it out of the dialog. */
const isDialogOpen = () => document.querySelector('[role="dialog"]') !== null;
