import { useRef, useState } from 'react';
import css from './CopySha.module.css';
import { copyText } from './copy-text.ts';
import { shorten } from './shorten.ts';

const SAID_MS = 2000;

/** An abbreviated commit that a click takes along in full. Where the browser refuses the clipboard, it says the whole one instead. */
export function CopySha({ sha }: { sha: string }) {
  const [said, setSaid] = useState<string | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const copy = async () => {
    const done = await copyText(sha);
    setSaid(done ? 'Copied' : sha);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setSaid(null), done ? SAID_MS : SAID_MS * 5);
  };
  return (
    <button type="button" className={css.sha} title={`${sha}: click to copy`} aria-label={`Copy commit ${shorten(sha, 7)}`} onClick={copy}>
      <code>{said ?? shorten(sha, 7)}</code>
      <span className="visually-hidden" role="status">
        {said}
      </span>
    </button>
  );
}
