import { ActionIcon, Button, createTheme } from '@mantine/core';

/** Deep sea blue-green, the one accent. The roles used on screen are in tokens.css; Mantine wants ten shades besides. */
const sea = ['#e6f5f5', '#cde9ea', '#9fd4d6', '#6cbdc1', '#43a8ae', '#279aa1', '#11929a', '#007d86', '#0a6670', '#084f57'] as const;

/** What Mantine draws its dark surfaces and lines with. */
const dark = ['#e2ebeb', '#b7c4c6', '#96a8ab', '#6b7f83', '#37494e', '#26353a', '#141d20', '#0e1517', '#0a1012', '#060a0b'] as const;

export const theme = createTheme({
  colors: { sea, dark },
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
      vars: (_, { size, variant, color }) => ({
        root: {
          ...(size === 'compact-xs'
            ? { '--button-height': '26px', '--button-fz': '12.5px' }
            : { '--button-height': '32px', '--button-fz': '13px' }),
          ...(variant === undefined && color === 'red' ? { '--button-bg': 'var(--negative)', '--button-hover': 'var(--negative)' } : {}),
          ...(variant === 'default' && color === 'red' ? { '--button-color': 'var(--negative)' } : {}),
          ...(variant === undefined ? { '--button-color': 'var(--on-accent)' } : {}),
        },
      }),
      styles: { root: { fontWeight: 500 } },
    }),
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray', size: 32 } }),
    TextInput: { defaultProps: { size: 'sm' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    NativeSelect: { defaultProps: { size: 'sm' } },
    // By name: the component itself is loaded with the first dialog or menu, not with the first page.
    Menu: {
      defaultProps: {
        shadow: 'md',
        position: 'bottom-end',
        returnFocus: true,
        transitionProps: { duration: 80 },
        // A menu holds its entries and nothing else: the first of them has the focus.
        withInitialFocusPlaceholder: false,
      },
    },
    Modal: {
      defaultProps: {
        centered: true,
        size: 520,
        closeButtonProps: { 'aria-label': 'Close' },
        // The page has one banner, and it is not the head of a dialog.
        attributes: { header: { role: 'none' } },
        transitionProps: { transition: 'fade', duration: 120 },
      },
      styles: { title: { fontWeight: 600, fontSize: 16 } },
    },
  },
});
