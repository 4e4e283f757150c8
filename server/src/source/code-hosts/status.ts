/** The states of a commit that are reported to hosts; each host has its own words for them. */
export const STATUS_STATES = ['pending', 'running', 'success', 'failure', 'error', 'cancelled'] as const;
export type StatusState = (typeof STATUS_STATES)[number];

export type Status = {
  /** All forty digits. */
  sha: string;
  /** The status replaces an earlier one of the same commit and context. */
  context: string;
  state: StatusState;
  /** At most 140 characters. */
  description: string;
  /** Page of the run, or of the repository where there is none. */
  url: string;
};
