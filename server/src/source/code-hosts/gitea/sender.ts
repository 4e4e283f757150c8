import { type Headers, headerOf } from '../signature.js';

export const isGitea = (headers: Headers): boolean =>
  headerOf(headers, 'x-forgejo-event') !== null || headerOf(headers, 'x-gitea-event') !== null;
