/** How artifacts are named, by pipelines and by the agents that store them. */
export const ARTIFACT_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;
export const ARTIFACT_NAME_RULE = '1 to 100 letters, digits, ".", "_" or "-", beginning with a letter, digit or "_"';
