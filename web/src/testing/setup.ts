import { cleanup } from '@testing-library/react';
import { afterEach } from 'vitest';
import { WebSocket } from 'ws';

/* What a browser has and jsdom has not. Nothing is laid out here: sizes are 0, and the page falls back to its defaults. */
class NoLayoutObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
// Node's own dispatches events that jsdom takes for strangers.
Object.assign(globalThis, { WebSocket });
window.ResizeObserver = NoLayoutObserver;
window.matchMedia = (query) =>
  ({
    matches: false,
    media: query,
    addEventListener() {},
    removeEventListener() {},
    addListener() {},
    removeListener() {},
  }) as unknown as MediaQueryList;
Element.prototype.scrollIntoView = () => undefined;

afterEach(() => {
  cleanup();
  localStorage.clear();
});
