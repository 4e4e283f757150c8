import { v7 } from 'uuid';

/** Ids sort by creation time, so "newest first" needs no second column. */
export const newId = (): string => v7();
