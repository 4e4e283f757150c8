import { ActionIcon, Menu, useMantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconKeyboard, IconLogout, IconMoon, IconSearch, IconSun, IconUserCircle } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useApi } from '../../api/api.ts';
import { useConnection } from '../../api/connection.ts';
import { useSignOut, useViewer } from '../../features/access/viewer.tsx';
import { formatElapsed } from '../../ui/format.ts';
import { useNow } from '../../ui/ticker.ts';
import { Breadcrumb } from './Breadcrumb.tsx';
import css from './Frame.module.css';

export function TopBar({ onPalette, loading }: { onPalette: () => void; loading: boolean }) {
  return (
    <header className={css.bar}>
      <div className={css.progress} data-loading={loading || undefined} />
      <Breadcrumb />
      <ConnectionState />
      <button type="button" className={css.palette} onClick={onPalette} aria-label="Go anywhere (Ctrl K)" aria-keyshortcuts="Control+K Meta+K">
        <IconSearch size={15} />
        <span>Go to…</span>
        <kbd>Ctrl K</kbd>
      </button>
      <UserMenu />
    </header>
  );
}

/** Live, or since when not. */
function ConnectionState() {
  const { connection } = useApi();
  const { state, sinceMs } = useConnection(connection);
  const now = useNow(state === 'reconnecting');
  const lost = state === 'reconnecting';
  const word = lost ? `Reconnecting · ${formatElapsed(now - sinceMs)}` : state === 'live' ? 'Live' : '';
  return (
    <span className={css.connection} data-state={state} role="status" aria-label={lost ? 'Reconnecting' : word || 'Not live'}>
      <span className={css.dot} />
      <span aria-hidden="true">{word}</span>
    </span>
  );
}

const SCHEMES = [
  { value: 'light', name: 'Light', icon: IconSun },
  { value: 'dark', name: 'Dark', icon: IconMoon },
  { value: 'auto', name: 'As the system', icon: IconDeviceDesktop },
] as const;

function UserMenu() {
  const viewer = useViewer();
  const signOut = useSignOut();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu width={220}>
      <Menu.Target>
        <ActionIcon aria-label={`Account of ${viewer.name}`} className={css.user}>
          {viewer.name.slice(0, 1).toUpperCase()}
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{viewer.email}</Menu.Label>
        <Menu.Item component={Link} to="/account" leftSection={<IconUserCircle size={16} />}>
          Account and tokens
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={16} />} rightSection={<kbd>?</kbd>} onClick={() => window.dispatchEvent(new KeyboardEvent('keydown', { key: '?' }))}>
          Keyboard
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Appearance</Menu.Label>
        {SCHEMES.map(({ value, name, icon: Icon }) => (
          <Menu.Item
            key={value}
            leftSection={<Icon size={16} />}
            onClick={() => setColorScheme(value)}
            data-chosen={colorScheme === value || undefined}
            role="menuitemradio"
            aria-checked={colorScheme === value}
          >
            {name}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
