import { v7 } from 'uuid';

/** Ids sort by time of creation, so that "newest first" needs no second column. */
export const newId = (): string => v7();
