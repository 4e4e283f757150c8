import { ActionIcon, Button, createTheme, Menu, Modal, NativeSelect, PasswordInput, TextInput, Tooltip } from '@mantine/core';

/** Deep sea blue-green, the one accent. The roles used on screen are in tokens.css; Mantine wants ten shades besides. */
const sea = ['#e6f5f5', '#cde9ea', '#9fd4d6', '#6cbdc1', '#43a8ae', '#279aa1', '#11929a', '#007d86', '#0a6670', '#084f57'] as const;

export const theme = createTheme({
  colors: { sea },
  primaryColor: 'sea',
  primaryShade: { light: 8, dark: 4 },
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  defaultRadius: 6,
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: Button.extend({
      defaultProps: { size: 'xs' },
      vars: (_, { size }) => ({
        root: size === 'compact-xs' ? { '--button-height': '26px', '--button-fz': '12.5px' } : { '--button-height': '32px', '--button-fz': '13px' },
      }),
      styles: { root: { fontWeight: 500 } },
    }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray', size: 32 } }),
    TextInput: TextInput.extend({ defaultProps: { size: 'sm' } }),
    PasswordInput: PasswordInput.extend({ defaultProps: { size: 'sm' } }),
    NativeSelect: NativeSelect.extend({ defaultProps: { size: 'sm' } }),
    Modal: Modal.extend({
      defaultProps: {
        centered: true,
        size: 520,
        closeButtonProps: { 'aria-label': 'Close' },
        transitionProps: { transition: 'fade', duration: 120 },
      },
      styles: { title: { fontWeight: 600, fontSize: 16 } },
    }),
    Menu: Menu.extend({ defaultProps: { shadow: 'md', position: 'bottom-end', transitionProps: { duration: 80 } } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 300, withArrow: true, events: { hover: true, focus: true, touch: false } } }),
  },
});
