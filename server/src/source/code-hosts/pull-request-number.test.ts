import { expect, it } from 'vitest';
import { pullRequestNumberIn } from './pull-request-number.js';

it.each<[string, number | null]>([
  ['Merge pull request #12 from ada/topic\n\nTitle', 12],
  ['Add a door (#345)\n\n* one', 345],
  ["Merge pull request 'Add a door' (#7) from topic into main", 7],
  ["Merge branch 'topic' into 'main'\n\nAdd a door\n\nSee merge request house/doors!99", 99],
  ['Merged in topic (pull request #4)\n\nAdd a door', 4],
  ['Merge pull request #5 in HOUSE/doors from topic to main', 5],
  ['Pull request #6: Add a door', 6],
  ['Mend #12', null],
  ['Say\n\nsomething (#12)', null],
  ['', null],
])('%j: %j', (message, expected) => {
  expect(pullRequestNumberIn(message)).toBe(expected);
});
