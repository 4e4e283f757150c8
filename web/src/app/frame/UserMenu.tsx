import { Menu, useMantineColorScheme } from '@mantine/core';
import { IconKeyboard, IconLogout, IconUserCircle } from '@tabler/icons-react';
import { useLayoutEffect, useRef, useState } from 'react';
import { Link } from 'react-router';
import { useSignOut, useViewer } from '../../people/access/viewer.tsx';
import { shorten } from '../../ui/shorten.ts';
import css from './Frame.module.css';

const SCHEMES = { light: 'Light', dark: 'Dark', auto: 'As the system' };
type Scheme = keyof typeof SCHEMES;

/** Takes the place of a button that was pressed, and opens. */
export function UserMenu() {
  const button = useRef<HTMLButtonElement>(null);
  const [opened, setOpened] = useState(false);
  // The focus left with the button that was pressed; the menu gives it back to where it was as it opened.
  useLayoutEffect(() => {
    button.current?.focus();
    setOpened(true);
  }, []);
  const viewer = useViewer();
  const signOut = useSignOut();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu width={220} opened={opened} onChange={setOpened}>
      <Menu.Target>
        <button ref={button} type="button" aria-label={`Account of ${viewer.name}`} className={css.user}>
          {shorten(viewer.name, 1).toUpperCase()}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{viewer.email}</Menu.Label>
        <Menu.Item component={Link} to="/account" leftSection={<IconUserCircle size={16} />}>
          Account and tokens
        </Menu.Item>
        <Menu.Item
          leftSection={<IconKeyboard size={16} />}
          rightSection={<kbd>?</kbd>}
          onClick={() => window.dispatchEvent(new KeyboardEvent('keydown', { key: '?' }))}
        >
          Keyboard
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Appearance</Menu.Label>
        <Menu.RadioGroup value={colorScheme} onChange={(value) => setColorScheme(value as Scheme)} aria-label="Appearance">
          {Object.entries(SCHEMES).map(([value, name]) => (
            <Menu.RadioItem key={value} value={value}>
              {name}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
