import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../bootstrap/paths.mjs';
import { referencePages } from './graphql-reference.mjs';

const pages = referencePages(join(ROOT, 'schema.graphql'));
const all = Object.values(pages).join('\n');

it('the GraphQL reference has every operation and type, and each link to a type leads to it', () => {
  for (const name of ['projects', 'deploy', 'deploymentChanged', 'Deployment', 'BranchRuleInput', 'JobState', 'DateTime'])
    expect(all).toContain(`\n## ${name}\n`);
  const links = [...all.matchAll(/\((\w+)\.md#(\w+)\)/g)];
  expect(links.length).toBeGreaterThan(500);
  for (const [, page = '', heading = ''] of links)
    expect(pages[page]?.toLowerCase(), `${page}.md#${heading}`).toContain(`\n## ${heading}\n`);
});
