export function startPostgres(options: {
  dir: string;
  logFile: string;
  throwaway?: boolean;
  say?: (message: string) => void;
}): Promise<{ url: string; pid: number; stop(): Promise<void> }>;
