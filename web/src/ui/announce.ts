import { useEffect, useRef } from 'react';

/** Says something once, politely, to screen readers. The frame holds the region that is read. */
export function announce(message: string): void {
  const region = document.getElementById('announcements');
  if (region) region.textContent = message;
}

/** Announces a sentence when it changes, not when it is first there. */
export function useAnnounceChange(sentence: string | null): void {
  const before = useRef(sentence);
  useEffect(() => {
    if (before.current !== null && sentence !== null && before.current !== sentence) announce(sentence);
    before.current = sentence;
  }, [sentence]);
}
