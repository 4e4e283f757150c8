import { describe, expect, it } from 'vitest';
import { processorMs } from '../../testing/processor-time.js';
import { isBadUrl, parseRepositoryUrl } from '../repositories/repository-url.js';
import { belongsTo, checkApiUrl, usualApiUrl } from './api-url.js';
import { scrub, secretsOf } from './credential.js';
import { explainRemote, hostWords } from './remote-errors.js';

const url = (text: string) => {
  const parsed = parseRepositoryUrl(text);
  if (isBadUrl(parsed)) throw new Error(parsed.message);
  return parsed;
};

describe('what others say', () => {
  const secret = 'p"ß /+?%=x';
  const forms = {
    plain: secret,
    url: encodeURIComponent(secret),
    json: JSON.stringify(secret),
    header: Buffer.from(`ci:${secret}`).toString('base64'),
    base64: Buffer.from(secret).toString('base64'),
    hex: Buffer.from(secret).toString('hex'),
  };

  it.each(Object.entries(forms))('holds no credential any more: %s', (_form, text) => {
    const scrubbed = scrub(`fatal: ${text}, again ${text}`, secretsOf({ kind: 'password', username: 'ci', password: secret }));
    expect(scrubbed).toContain('***');
    expect(scrubbed).not.toContain(text);
  });

  it('holds no line of a private key', () => {
    const privateKey = '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU\n-----END OPENSSH PRIVATE KEY-----\n';
    expect(scrub('b3BlbnNzaC1rZXktdjEAAAAABG5vbmU', secretsOf({ kind: 'ssh_key', privateKey, publicKey: '' }))).toBe('***');
  });

  it('is told in one line without escapes for terminals', () => {
    const said =
      'remote: \u001b[31mGH006: Protected branch\u001b[0m\nremote: update failed\nTo https://x\n ! [remote rejected] a -> main (hook declined)\n';
    expect(hostWords(said)).toBe('hook declined GH006: Protected branch update failed');
  });
});

describe('what git says of a host', () => {
  const asked = { url: 'https://git.example/a/b.git', hostname: 'git.example', credential: 'token' as const, pinned: false };
  it.each([
    ["fatal: unable to access 'https://git.example/a/b.git/': The requested URL returned error: 301", 'redirect'],
    ["fatal: Authentication failed for 'https://git.example/a/b.git/'", 'access_denied'],
    ['git@git.example: Permission denied (publickey).\nfatal: Could not read from remote repository.', 'access_denied'],
    ["remote: Repository not found.\nfatal: repository 'https://git.example/a/b.git/' not found", 'remote_not_found'],
    ["fatal: '/a/b.git' does not appear to be a git repository", 'remote_not_found'],
    ["fatal: unable to access 'https://ssl.git.example/': Could not resolve host: ssl.git.example", 'unreachable'],
    ["fatal: unable to access 'x': server certificate verification failed. CAfile: none CRLfile: none", 'tls'],
    ["fatal: unable to access 'x': SSL certificate problem: self-signed certificate", 'tls'],
    ["fatal: unable to access 'x': The requested URL returned error: 503", 'unreachable'],
    ['fatal: remote error: upload-pack: not our ref 1234', 'remote_moved'],
    ['error: object 12: gitmodulesUrl: disallowed submodule url: -u\nfatal: fsck error in packed object', 'bad_objects'],
    ['fatal: something new', 'remote_failed'],
    [null, 'timed_out'],
  ])('%j is %s', (stderr, code) => {
    const error = explainRemote(asked, stderr);
    expect(error.code).toBe(code);
    expect(error.message.length).toBeGreaterThan(20);
  });
});

/** Whoever runs a host has the server read this. All that other people wait for stands still meanwhile. */
describe('what a host says to keep the server busy', () => {
  const asked = { url: 'https://git.example/app.git', hostname: 'git.example', credential: 'none', pinned: false } as const;

  it.each(['object b: ', 'repository ', '[remote rejected](', 'REMOTE HOST IDENTIFICATION HAS CHANGED '])(
    'is read at once: %s',
    (words) => {
      const said = `fatal: remote error: ${words.repeat(64_000 / words.length)}`;
      const before = processorMs();
      explainRemote(asked, said);
      hostWords(said);
      expect(processorMs() - before).toBeLessThan(500);
    },
  );
});

describe("the address of a host's API", () => {
  it.each([
    ['github', 'git@github.com:a/b.git', 'https://api.github.com'],
    ['github', 'https://git.example:8443/a/b.git', 'https://git.example:8443/api/v3'],
    ['gitlab', 'ssh://git@git.example:2222/a/b.git', 'https://git.example/api/v4'],
    ['gitea', 'http://git.example:3000/a/b', 'http://git.example:3000/api/v1'],
    ['bitbucket', 'https://bitbucket.org/a/b.git', 'https://api.bitbucket.org/2.0'],
    ['other', 'https://git.example/a/b.git', null],
  ] as const)('of %s at %s is %s', (host, text, api) => {
    expect(usualApiUrl(host, url(text))).toBe(api);
  });

  it('is http or https without anything secret in it', () => {
    expect(checkApiUrl('https://git.example/api/v4/')).toBe('https://git.example/api/v4');
    for (const bad of ['file:///etc', 'git.example', 'https://a:b@git.example', 'https://git.example?token=x', 'javascript:alert(1)'])
      expect(() => checkApiUrl(bad)).toThrow(/address of an API/);
  });

  it('gets the credential of the repository only on the same machine, or under its well-known name', () => {
    const at = url('https://github.com/a/b');
    expect(belongsTo('https://api.github.com', at)).toBe(true);
    expect(belongsTo('https://github.com/api', at)).toBe(true);
    for (const other of [
      'http://github.com/api',
      'https://github.com.thief.example',
      'https://api.github.com.thief.example',
      'https://none.invalid',
    ])
      expect(belongsTo(other, url(other === 'https://none.invalid' ? 'https://git.example/a' : 'https://github.com/a'))).toBe(false);
  });
});
