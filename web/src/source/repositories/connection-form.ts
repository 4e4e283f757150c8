import type { CodeHost, CredentialInput, CredentialKind, HostConnectionInput } from '../../generated/graphql.ts';
import { isSshAddress } from './repository-address.ts';

/** How people choose to let Slipway in. A key of their own and one that Slipway makes are the same kind for the server. */
export type SignInChoice = 'none' | 'token' | 'password' | 'made_key' | 'own_key';

/** The content of the fields. If `host` or `apiUrl` is empty, the server guesses it. */
export type ConnectionForm = {
  url: string;
  signIn: SignInChoice;
  username: string;
  secret: string;
  host: CodeHost | '';
  apiUrl: string;
};

export const EMPTY_FORM: ConnectionForm = { url: '', signIn: 'none', username: '', secret: '', host: '', apiUrl: '' };

const HTTPS: SignInChoice[] = ['none', 'token', 'password'];
const SSH: SignInChoice[] = ['made_key', 'own_key'];

/** Keys go with ssh, all else with https. */
export const choicesFor = (url: string): SignInChoice[] => (isSshAddress(url) ? SSH : HTTPS);

/** What was chosen, unless it does not go with the address. */
export function signInOf({ url, signIn }: Pick<ConnectionForm, 'url' | 'signIn'>): SignInChoice {
  const choices = choicesFor(url);
  return choices.includes(signIn) ? signIn : (choices[0] ?? 'none');
}

const KIND: Record<SignInChoice, CredentialKind> = {
  none: 'NONE',
  token: 'TOKEN',
  password: 'PASSWORD',
  made_key: 'SSH_KEY',
  own_key: 'SSH_KEY',
};

export function credentialOf(form: ConnectionForm): CredentialInput {
  const choice = signInOf(form);
  const named = choice === 'password' || (choice === 'token' && form.username.trim() !== '');
  return {
    kind: KIND[choice],
    ...(named ? { username: form.username.trim() } : {}),
    ...(choice === 'none' || choice === 'made_key' ? {} : { secret: choice === 'own_key' ? form.secret : form.secret.trim() }),
  };
}

export function connectionOf(form: ConnectionForm): HostConnectionInput {
  return {
    url: form.url.trim(),
    credential: credentialOf(form),
    ...(form.host === '' ? {} : { host: form.host }),
    ...(form.apiUrl.trim() === '' ? {} : { apiUrl: form.apiUrl.trim() }),
  };
}

/** Whether there is enough in the fields to ask the host. */
export function isComplete(form: ConnectionForm): boolean {
  const choice = signInOf(form);
  if (form.url.trim() === '') return false;
  if (choice === 'password' && form.username.trim() === '') return false;
  return choice === 'none' || choice === 'made_key' || form.secret.trim() !== '';
}
