/** How environments are named, by people and by pipelines: a label of a host name. */
export const ENVIRONMENT_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
export const ENVIRONMENT_NAME_RULE = '1 to 63 lower-case letters, digits and "-", with a letter or digit at both ends';
