import type { FrameRepository } from '../repositories/chosen-repository.tsx';

/** Where the row of a branch stands, and whom to tell when something was done to the branch. */
export type RowPlace = { project: string; repository: FrameRepository; onChange: () => void };
