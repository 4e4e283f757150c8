import { describe, expect, it } from 'vitest';
import { choicesFor, connectionOf, EMPTY_FORM, isComplete, signInOf } from './connection-form.ts';

const form = (over: object) => ({ ...EMPTY_FORM, ...over });

describe('the fields of a connection', () => {
  it('offer keys for ssh and all else for https, also when something else was chosen before', () => {
    expect(choicesFor('git@host:a/b.git')).toEqual(['made_key', 'own_key']);
    expect(choicesFor('https://host/a/b.git')).toEqual(['none', 'token', 'password']);
    expect(signInOf({ url: 'git@host:a/b', signIn: 'token' })).toBe('made_key');
    expect(signInOf({ url: 'https://host/a/b', signIn: 'own_key' })).toBe('none');
  });

  it('send no secret that does not go with the choice, and leave to the server what it guesses', () => {
    const left = { username: 'ada', secret: 'left over' };
    expect(connectionOf(form({ url: ' https://h/a/b ', ...left }))).toEqual({ url: 'https://h/a/b', credential: { kind: 'NONE' } });
    expect(connectionOf(form({ url: 'git@h:a/b', ...left }))).toEqual({ url: 'git@h:a/b', credential: { kind: 'SSH_KEY' } });
    const token = form({ url: 'https://h/a/b', signIn: 'token', secret: ' t ', host: 'GITEA', apiUrl: 'https://h/api/v1' });
    expect(connectionOf(token)).toEqual({
      url: 'https://h/a/b',
      credential: { kind: 'TOKEN', secret: 't' },
      host: 'GITEA',
      apiUrl: 'https://h/api/v1',
    });
  });

  it('keep a key of one’s own to the last line feed, as ssh wants it', () => {
    const key = '-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\n';
    expect(connectionOf(form({ url: 'git@h:a/b', signIn: 'own_key', secret: key })).credential).toEqual({ kind: 'SSH_KEY', secret: key });
  });

  it('are complete with an address and what its kind of credential needs', () => {
    expect(isComplete(form({}))).toBe(false);
    expect(isComplete(form({ url: 'https://h/a/b' }))).toBe(true);
    expect(isComplete(form({ url: 'https://h/a/b', signIn: 'token' }))).toBe(false);
    expect(isComplete(form({ url: 'https://h/a/b', signIn: 'password', secret: 'x' }))).toBe(false);
    expect(isComplete(form({ url: 'git@h:a/b', signIn: 'own_key' }))).toBe(false);
    expect(isComplete(form({ url: 'git@h:a/b' }))).toBe(true);
  });
});
