import type { FrameRepository } from '../repositories/chosen-repository.tsx';

/** Where the row of a branch is, and what to call when the branch was changed. */
export type RowPlace = { project: string; repository: FrameRepository; onChange: () => void };
