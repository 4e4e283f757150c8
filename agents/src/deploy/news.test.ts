import { expect, it } from 'vitest';
import { newsIn } from './news.js';

const heard = 'v2 did not become healthy. Its last output:\nlistening\ntold to stop';
it.each([
  [`${heard}.\nGoing back to v1.`, 'Going back to v1.'],
  [`${heard}.\nTraffic went back to v1.`, 'Traffic went back to v1.'],
  ['v2 is healthy. Traffic goes to it.', 'Traffic goes to it.'],
  [heard, heard],
  ['v2 is healthy.', 'v2 is healthy.'],
  ['v2 is healthy.ish. Or not.', 'v2 is healthy.ish. Or not.'],
  ['Starting v2 beside v1.', 'Starting v2 beside v1.'],
])('%j: %j', (text, news) => expect(newsIn(text, [heard, 'v2 is healthy', 'Starting v2'])).toBe(news));
