import { useEffect } from 'react';
import type { Tone } from './StateBadge.tsx';

/** A sign for the title, so that a tab among many tells its state by more than the colour of its icon. */
const SIGN: Record<Tone, string> = {
  neutral: '○',
  accent: '◐',
  positive: '✓',
  negative: '✕',
  muted: '–',
  warning: '↺',
  attention: '!',
};

const PLAIN = '/favicon.svg';

/** The title of a page about a thing that has a state; the tab's icon takes the state's colour while the page is there. */
export function useTabState(title: string, tone: Tone): string {
  useEffect(() => {
    const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    if (!link) return;
    link.href = `/favicon-${tone}.svg`;
    return () => {
      link.href = PLAIN;
    };
  }, [tone]);
  return `${SIGN[tone]} ${title}`;
}
