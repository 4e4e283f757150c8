// Run by hooks/pre-receive when the repository has branch rules. Reads the updates of a push, `<old sha> <new sha> <ref>` a line
// and `end` as the last, and refuses all of them with the first that a rule forbids. Anything unexpected is a refusal too.
//
// SLIPWAY_BRANCH_RULES: rules as JSON, the most telling first; see source/branches/rules/push-rules.ts.
// SLIPWAY_NAME_PATTERN: address of the module that reads patterns.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const BRANCHES = 'refs/heads/';
const isZero = (sha) => /^0+$/.test(sha);

function refuse(message) {
  process.stderr.write(`slipway: ${message}\n`);
  process.exit(1);
}

/** Asked within the push, so that objects that are only just arriving are seen. */
function isDescendant(oldSha, newSha) {
  const { status, error } = spawnSync('git', ['merge-base', '--is-ancestor', oldSha, newSha], { stdio: 'ignore' });
  if (!error && (status === 0 || status === 1)) return status === 0;
  return refuse('it could not be found out whether this push rewrites history, so it is refused. Try again, or ask an administrator.');
}

function check(rules, oldSha, newSha, branch) {
  const rule = rules.find(({ pattern }) => pattern === branch || matchesAny(branch, [pattern]));
  if (!rule) return;
  const forbidden = (why, todo) => refuse(`the branch rule "${rule.pattern}" protects "${branch}": ${why}. ${todo} Nothing was changed.`);
  if (!rule.push) forbidden(rule.who, 'Push to another branch and merge that in Slipway.');
  if (isZero(newSha) && !rule.delete) forbidden('it may not be deleted', 'An administrator of the project can change the rule.');
  if (isZero(newSha) || isZero(oldSha) || rule.force || isDescendant(oldSha, newSha)) return;
  forbidden('its history may not be rewritten', 'Fetch it, put your commits on top, and push without --force.');
}

const { matchesAny } = await import(process.env.SLIPWAY_NAME_PATTERN);
const rules = JSON.parse(process.env.SLIPWAY_BRANCH_RULES);
const lines = readFileSync(0, 'utf8')
  .split('\n')
  .filter((line) => line !== '');
if (lines.pop() !== 'end') process.exit(1); // pre-receive has refused, and said why
for (const line of lines) {
  const [oldSha, newSha, ...ref] = line.split(' ');
  const name = ref.join(' ');
  if (name.startsWith(BRANCHES)) check(rules, oldSha, newSha, name.slice(BRANCHES.length));
}
