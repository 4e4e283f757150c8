/**
 * What the agent asks of the program that works in a job's folders, and what that answers. The program runs as the job's user in the
 * job's sandbox: whatever a job has put there, links, names or races, reaches no further than the job itself.
 */
export type Request = FilesRequest | UnpackRequest | ReportsRequest;

/** Packs what the patterns name: tar, zstd, as data. */
export type FilesRequest = { do: 'pack'; name: string; patterns: string[]; bounds: ArchiveBounds };

/** Unpacks an archive into the working folder. */
export type UnpackRequest = {
  do: 'unpack';
  /** As seen inside. */
  archive: string;
  bounds: ArchiveBounds;
  /** Files may be read and run by everybody and written by nobody, whatever the archive says. */
  readOnly: boolean;
};

/** Reads test reports; cases are the data, one JSON line each, failures first. */
export type ReportsRequest = { do: 'reports'; patterns: string[]; bounds: ReportBounds };

/** `bytes` of all files, as long as they say they are: holes cost a job nothing to make. */
export type ArchiveBounds = { entries: number; bytes: number };

/** `bytes` of what is handed on, `readMs` for all reports together. */
export type ReportBounds = { cases: number; bytes: number; readMs: number };

export type Message =
  /** For the job's log. */
  | { kind: 'notice'; text: string }
  /** The job's fault, with a sentence for people; nothing more comes. */
  | { kind: 'refused'; reason: 'artifact_missing' | 'artifact_invalid'; text: string }
  /** Not the job's fault, as far as the program can tell; nothing more comes. */
  | { kind: 'failed'; text: string }
  | { kind: 'done'; entries: number; bytes: number /** Of reports, those that were not handed on. */; leftOut?: CaseCounts };

export type CaseCounts = { passed: number; failed: number; skipped: number };

/** @throws by the program, and told as a `refused` */
export class Refused extends Error {
  readonly reason: 'artifact_missing' | 'artifact_invalid';

  constructor(reason: 'artifact_missing' | 'artifact_invalid', message: string) {
    super(message);
    this.reason = reason;
  }
}
