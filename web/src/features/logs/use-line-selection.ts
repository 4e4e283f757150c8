import { useCallback, useMemo } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { formatLineRange, type LineRange, parseLineRange } from './line-range.ts';

/** The range in the address: a click on a number chooses a line, shift-click extends to it. */
export function useLineSelection(): { range: LineRange | null; select: (line: number, extend: boolean) => void } {
  const { hash, pathname, search } = useLocation();
  const navigate = useNavigate();
  const range = useMemo(() => parseLineRange(hash), [hash]);
  const select = useCallback(
    (line: number, extend: boolean) => {
      const anchor = extend && range ? range.first : line;
      const next = formatLineRange({
        first: Math.min(anchor, line),
        last: Math.max(anchor, extend && range && line < anchor ? range.last : line),
      });
      navigate({ pathname, search, hash: next }, { replace: true, preventScrollReset: true });
    },
    [navigate, pathname, search, range],
  );
  return { range, select };
}
