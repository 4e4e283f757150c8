import { validate } from 'uuid';

/** Things that belong to a project, as `@Can` names them. */
export type TargetThing =
  | 'project'
  | 'repository'
  | 'pull_request'
  | 'branch_rule'
  | 'webhook_delivery'
  | 'run'
  | 'job'
  | 'attempt'
  | 'artifact'
  | 'environment'
  | 'deployment'
  | 'release';

/** The one place that says how to get from a thing to its project: at most one row `project_id` for the id `$1`. */
const PROJECT_OF: Record<TargetThing, string> = {
  project: 'select id as project_id from projects where id = $1',
  repository: 'select project_id from repositories where id = $1',
  pull_request: 'select r.project_id from pull_requests t join repositories r on r.id = t.repository_id where t.id = $1',
  branch_rule: 'select r.project_id from branch_rules t join repositories r on r.id = t.repository_id where t.id = $1',
  webhook_delivery: 'select r.project_id from webhook_deliveries t join repositories r on r.id = t.repository_id where t.id = $1',
  run: 'select project_id from runs where id = $1',
  job: 'select project_id from jobs where id = $1',
  attempt: 'select j.project_id from attempts a join jobs j on j.id = a.job_id where a.id = $1',
  artifact: 'select project_id from artifacts where id = $1',
  environment: `select project_id from environments where id = $1 and state <> 'deleted'`,
  deployment: 'select project_id from deployments where id = $1',
  release: 'select project_id from releases where id = $1',
};
const PROJECT_BY_NAME = 'select id as project_id from projects where name = $1';

const NAME = /^[a-z0-9-]{1,64}$/;

/** SQL that finds the project of a thing; null when the text can't name one. Projects go by id or by name, and no name looks like an id. */
export function projectLookup(thing: TargetThing, id: string): string | null {
  if (validate(id)) return PROJECT_OF[thing];
  return thing === 'project' && NAME.test(id) ? PROJECT_BY_NAME : null;
}
