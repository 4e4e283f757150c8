import { useEffect, useState, useSyncExternalStore } from 'react';
import { useApi } from '../../api/api.ts';
import { serverLog } from './log-lines.ts';
import { LogSource } from './log-source.ts';

/** The log of an attempt, open as long as the component is there. Null for the first moment. */
export function useLogSource(jobId: string, attemptId: string | null): LogSource | null {
  const api = useApi();
  const [source, setSource] = useState<LogSource | null>(null);
  useEffect(() => {
    const opened = new LogSource(serverLog(api, { jobId, attemptId }));
    opened.open();
    setSource(opened);
    return () => {
      opened.close();
      setSource(null);
    };
  }, [api, jobId, attemptId]);
  useSyncExternalStore(source?.subscribe ?? never, source?.getSnapshot ?? zero);
  return source;
}

const never = () => () => undefined;
const zero = () => 0;
