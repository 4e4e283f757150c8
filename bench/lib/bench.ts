/** One thing measured. */
export type Row = {
  what: string;
  value: number;
  unit: string;
  /** The least that the same work can cost, measured in the same run, in the same unit. */
  floor?: number;
  aim?: Aim;
};

/** `most`: the value may not be larger; `least`: not smaller; `ratio`: at most so many times the floor. */
export type Aim = { most?: number; least?: number; ratio?: number };

export type Result = {
  rows: Row[];
  /** What a reader must know to read the figures right. */
  notes: string[];
};

export type Bench = () => Promise<Result>;

/** How many times the floor; for rates, how many times the floor is faster. */
export function ratioOf({ value, floor, unit }: Row): number | undefined {
  if (floor === undefined || floor === 0 || value === 0) return undefined;
  return unit.endsWith('/s') ? floor / value : value / floor;
}

/** Undefined: no aim is set. */
export function isMet(row: Row): boolean | undefined {
  if (!row.aim) return undefined;
  const { most = Number.POSITIVE_INFINITY, least = Number.NEGATIVE_INFINITY, ratio = Number.POSITIVE_INFINITY } = row.aim;
  return row.value <= most && row.value >= least && (ratioOf(row) ?? 0) <= ratio;
}
