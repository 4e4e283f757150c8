import { useState } from 'react';

/** An on/off choice that this browser remembers. */
export function usePreference(name: string): [boolean, () => void] {
  const key = `slipway-${name}`;
  const [on, setOn] = useState(() => localStorage.getItem(key) === 'on');
  const toggle = () => {
    localStorage.setItem(key, on ? 'off' : 'on');
    setOn(!on);
  };
  return [on, toggle];
}
