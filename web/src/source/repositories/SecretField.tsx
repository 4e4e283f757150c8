import { Button } from '@mantine/core';
import { useState } from 'react';
import { CopyField } from '../../ui/CopyField.tsx';
import css from './repositories.module.css';

/** A secret that may be read, but not over somebody's shoulder. */
export function SecretField({ value, label }: { value: string; label: string }) {
  const [shown, setShown] = useState(false);
  return shown ? (
    <CopyField value={value} label={label} />
  ) : (
    <div className={css.hidden}>
      <code aria-hidden="true">••••••••••••••••</code>
      <Button size="compact-xs" variant="default" aria-label={`Show the ${label}`} onClick={() => setShown(true)}>
        Show
      </Button>
    </div>
  );
}
