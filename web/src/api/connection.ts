import { useSyncExternalStore } from 'react';

/** `idle`: nothing on the page needs live data at the moment, so there is no socket. `sinceMs`: when this state began. */
export type Connection = { state: 'idle' | 'connecting' | 'live' | 'reconnecting'; sinceMs: number };

/** What the page knows about its socket, and of a server that is away while it waits for a file; shown in the frame, and told to whom must catch up. */
export class ConnectionStore {
  private current: Connection = { state: 'idle', sinceMs: Date.now() };
  private socket: Connection['state'] = 'idle';
  private filesAwaited = false;
  private readonly listeners = new Set<() => void>();
  private readonly recovered = new Set<() => void>();
  private everLive = false;

  readonly get = (): Connection => this.current;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Called each time the socket is back after it was lost. */
  onRecovered(listener: () => void): () => void {
    this.recovered.add(listener);
    return () => this.recovered.delete(listener);
  }

  readonly awaitFiles = (awaited: boolean): void => {
    this.filesAwaited = awaited;
    this.show();
  };

  connecting(): void {
    if (this.socket === 'idle') this.set('connecting');
  }

  live(): void {
    const wasLost = this.socket === 'reconnecting' && this.everLive;
    this.everLive = true;
    this.set('live');
    if (wasLost) for (const listener of this.recovered) listener();
  }

  closed(clean: boolean): void {
    this.set(clean ? 'idle' : 'reconnecting');
  }

  private set(state: Connection['state']): void {
    this.socket = state;
    this.show();
  }

  private show(): void {
    const state = this.filesAwaited ? 'reconnecting' : this.socket;
    if (this.current.state === state) return;
    this.current = { state, sinceMs: Date.now() };
    for (const listener of this.listeners) listener();
  }
}

export function useConnection(store: ConnectionStore): Connection {
  return useSyncExternalStore(store.subscribe, store.get);
}
