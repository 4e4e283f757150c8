export const SHA = '2eba238e33607c1fa49253182e9fff42baafa1eb';
export const OLD_SHA = '39af58f1eff02aa308e16913e887c8d50362b474';
export const NO_SHA = '0'.repeat(40);
