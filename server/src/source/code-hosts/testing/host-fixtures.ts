import { azureDevopsFixtures } from '../azure-devops/testing/fixtures.js';
import { bitbucketFixtures } from '../bitbucket/testing/fixtures.js';
import { bitbucketServerFixtures } from '../bitbucket-server/testing/fixtures.js';
import { giteaFixtures } from '../gitea/testing/fixtures.js';
import { githubFixtures } from '../github/testing/fixtures.js';
import { gitlabFixtures } from '../gitlab/testing/fixtures.js';
import type { HostKind } from '../host-kinds.js';
import type { HostFixtures } from './fixture-set.js';

export const HOST_FIXTURES: Record<HostKind, HostFixtures> = {
  github: githubFixtures,
  gitlab: gitlabFixtures,
  gitea: giteaFixtures,
  bitbucket: bitbucketFixtures,
  bitbucket_server: bitbucketServerFixtures,
  azure_devops: azureDevopsFixtures,
};
