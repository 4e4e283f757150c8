import { expect } from 'vitest';
import type { HostNews } from '../host-news.js';
import { SHA } from './shas.js';

/** What the hosts' test payloads say about pull request 7. */
export const FACTS = {
  number: 7,
  title: 'Add a licence',
  author: 'ada',
  state: 'open',
  sourceBranch: 'topic',
  sourceRepository: null,
  sourceUrl: null,
  baseBranch: 'main',
  headSha: SHA,
  updatedAt: new Date('2026-01-31T12:00:00Z'),
};

export const factsOf = (news: HostNews) => (news.kind === 'pull_request' ? news.facts : expect.fail(JSON.stringify(news)));
export const movedOf = (news: HostNews) => (news.kind === 'refs' ? news.moved : expect.fail(JSON.stringify(news)));
