import { useCallback, useMemo } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { formatLineRange, type LineRange, parseLineRange, searchOfLog } from './line-range.ts';

type LineSelection = {
  range: LineRange | null;
  select: (line: number, extend: boolean) => void;
  /** Address of a line without its `#L…`. */
  addressOfLog: string;
};

/**
 * The range in the address: a click on a number chooses a line, shift-click extends to it. The address then names the log as well.
 * @param log `job`: its name, where the page shows one of several
 */
export function useLineSelection({ job, attemptId }: { job: string | null; attemptId: string }): LineSelection {
  const { hash, pathname, search: present } = useLocation();
  const navigate = useNavigate();
  const range = useMemo(() => parseLineRange(hash), [hash]);
  const search = searchOfLog(present, { job, attemptId });
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
  return { range, select, addressOfLog: pathname + search };
}
