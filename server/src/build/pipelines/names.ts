/** How jobs are named in pipelines, and so in the rules of branches. */
export const JOB_NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/;
export const JOB_NAME_RULE = '1 to 64 letters, digits, "_", "-" or ".", and begin with a letter or "_"';

/** How variables are named. */
export const VARIABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,254}$/;
/** The same without those that jobs are given. */
export const PIPELINE_VARIABLE_NAME = /^(?!SLIPWAY_)[A-Za-z_][A-Za-z0-9_]{0,254}$/;

/** How environments are named, by people and by pipelines: a label of a host name. */
export const ENVIRONMENT_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
export const ENVIRONMENT_NAME_RULE = '1 to 63 lower-case letters, digits and "-", with a letter or digit at both ends';

/** What Slipway or the system sets. */
const OWN = '(?:PORT|PATH|HOME|RELEASE|SLIPWAY_.*)';
export const OWN_NAME = new RegExp(`^${OWN}$`);

/** How secrets are named where they are set, and so where pipelines ask for them. */
export const SECRET_NAME = new RegExp(`^(?!${OWN}$)[A-Z_][A-Z0-9_]{0,127}$`);
export const SECRET_NAME_RULE =
  '1 to 128 capital letters, digits and "_", not beginning with a digit, and not a name that Slipway sets itself, such as PORT or SLIPWAY_COMMIT';
