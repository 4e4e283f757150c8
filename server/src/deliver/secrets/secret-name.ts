/** What Slipway or the system sets. */
const OWN = '(?:PORT|PATH|HOME|RELEASE|SLIPWAY_.*)';
export const OWN_NAME = new RegExp(`^${OWN}$`);

/** How secrets are named where they are set, and so where pipelines ask for them. */
export const SECRET_NAME = new RegExp(`^(?!${OWN}$)[A-Z_][A-Z0-9_]{0,127}$`);
export const SECRET_NAME_RULE =
  '1 to 128 capital letters, digits and "_", not beginning with a digit, and not a name that Slipway sets itself, such as PORT or SLIPWAY_COMMIT';
