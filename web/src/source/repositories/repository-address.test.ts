import { describe, expect, it } from 'vitest';
import { hostnameOf, isSshAddress, suggestedName } from './repository-address.ts';

describe('the address of a repository', () => {
  it.each([
    ['https://github.com/acme/web.git', false, 'github.com', 'web'],
    ['https://git.example:8443/Team/My.App_2/', false, 'git.example', 'my-app-2'],
    ['git@github.com:acme/web.git', true, 'github.com', 'web'],
    ['ssh://git@git.example:2222/acme/web', true, 'git.example', 'web'],
    ['git@', true, '', 'git'],
    ['https://github.com', false, 'github.com', ''],
    ['https://git.example/ü/---.git', false, 'git.example', ''],
    ['', false, '', ''],
  ])('%s', (address, ssh, hostname, name) => {
    expect([isSshAddress(address), hostnameOf(address), suggestedName(address)]).toEqual([ssh, hostname, name]);
  });
});
