import { describe, expect, it } from 'vitest';
import { explainRemote } from './remote-errors.js';

const ASKED = { url: 'https://git.example/a/b.git', hostname: 'git.example', credential: 'none' as const, pinned: false };

describe('what git says of a full disk', () => {
  it('is told as that of this server', () => {
    const said = 'fatal: write error: No space left on device\nfatal: fetch-pack: invalid index-pack output\n';
    expect(explainRemote(ASKED, said)).toMatchObject({ code: 'disk_full', kind: 'unavailable' });
  });

  it('is not, when it is the one of the host', () => {
    const said = 'remote: fatal: write error: No space left on device\nfatal: early EOF\n';
    expect(explainRemote(ASKED, said)).toMatchObject({ code: 'unreachable' });
  });
});
