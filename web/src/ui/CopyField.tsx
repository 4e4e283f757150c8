import { ActionIcon } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import css from './CopyField.module.css';
import { copyText } from './copy-text.ts';

/** Text that is meant to be taken elsewhere. Where the browser refuses the clipboard (plain http), the text is selected instead. */
export function CopyField({ value, label }: { value: string; label: string }) {
  const text = useRef<HTMLElement>(null);
  const [said, setSaid] = useState<'copied' | 'selected' | null>(null);

  const copy = async () => {
    const done = await copyText(value);
    if (!done) select(text.current);
    setSaid(done ? 'copied' : 'selected');
    setTimeout(() => setSaid(null), 2000);
  };

  return (
    <div className={css.field}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a text that scrolls sideways must be reachable by keyboard */}
      <section className={css.text} tabIndex={0} aria-label={label}>
        <code ref={text}>{value}</code>
      </section>
      <span className={css.said} role="status">
        {said === 'copied' ? 'Copied' : said === 'selected' ? 'Selected: press Ctrl+C' : ''}
      </span>
      <ActionIcon aria-label={`Copy ${label}`} title={`Copy ${label}`} onClick={copy}>
        {said === 'copied' ? <IconCheck size={16} /> : <IconCopy size={16} />}
      </ActionIcon>
    </div>
  );
}

function select(element: HTMLElement | null): void {
  if (element) window.getSelection()?.selectAllChildren(element);
}
