import { useSyncExternalStore } from 'react';

/** One clock for every relative time and running duration on the page, instead of a timer each. */
const listeners = new Set<() => void>();
let nowMs = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    nowMs = Date.now();
    for (const each of listeners) each();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

const still = () => () => undefined;

/** Milliseconds since the epoch, moving once a second while `moving`. */
export function useNow(moving = true): number {
  if (timer === undefined) nowMs = Date.now();
  return useSyncExternalStore(moving ? subscribe : still, () => nowMs);
}
