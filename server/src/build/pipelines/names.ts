/** How jobs are named in pipelines, and so in the rules of branches. */
export const JOB_NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;
export const JOB_NAME_RULE = '1 to 64 letters, digits, "_", "-" or ".", and begin with a letter or "_"';

/** How variables are named. */
export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;
/** The same without those that jobs are given. */
export const PIPELINE_VARIABLE_NAME = /^(?!SLIPWAY_)[A-Za-z_][A-Za-z0-9_]{0,254}$/;
