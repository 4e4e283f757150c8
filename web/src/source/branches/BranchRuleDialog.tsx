import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../api/api.ts';
import { useAction } from '../../api/use-action.ts';
import {
  type BranchRuleFactsFragment,
  BranchRulesDocument,
  CreateBranchRuleDocument,
  type PushRole,
  UpdateBranchRuleDocument,
} from '../../generated/graphql.ts';
import { FormDialog } from '../../ui/FormDialog.tsx';
import css from './branches.module.css';
import { patternExample } from './rule-words.ts';

const ROLES: { value: PushRole | 'nobody'; label: string }[] = [
  { value: 'nobody', label: 'Nobody: changes come in by merging only' },
  { value: 'DEVELOPER', label: 'Developers and above' },
  { value: 'DEPLOYER', label: 'Deployers and admins' },
  { value: 'ADMIN', label: 'Admins' },
];
const PLACES = [
  { value: 'any', label: 'Any environment' },
  { value: 'named', label: 'Only those named' },
];

const listed = (text: string) => text.split(/[\s,]+/).filter(Boolean);

/** A new or changed rule: everything is stored as it is in this dialog. */
export function BranchRuleDialog({
  repositoryId,
  rule,
  onClose,
}: {
  repositoryId: string;
  rule: BranchRuleFactsFragment | null;
  onClose: () => void;
}) {
  const [pattern, setPattern] = useState(rule?.pattern ?? '');
  const [role, setRole] = useState<string>(rule ? (rule.pushRole ?? 'nobody') : 'DEVELOPER');
  const [force, setForce] = useState(rule?.allowForce ?? false);
  const [remove, setRemove] = useState(rule?.allowDelete ?? false);
  const [jobs, setJobs] = useState(rule?.requiredJobs.join(', ') ?? '');
  const [place, setPlace] = useState(rule?.environments ? 'named' : 'any');
  const [environments, setEnvironments] = useState(rule?.environments?.join(', ') ?? '');
  const { save, busy, error } = useSaveRule(repositoryId, rule);
  const onSubmit = async () => {
    const saved = await save({
      pattern: pattern.trim(),
      pushRole: role === 'nobody' ? null : (role as PushRole),
      allowForce: force,
      allowDelete: remove,
      requiredJobs: listed(jobs),
      environments: place === 'any' ? null : listed(environments),
    });
    if (saved) onClose();
  };
  return (
    <FormDialog
      title={rule ? `Rule for ${rule.pattern}` : 'New branch rule'}
      action={rule ? 'Save rule' : 'Create rule'}
      busy={busy}
      disabled={pattern.trim() === ''}
      error={error}
      size={560}
      onSubmit={() => void onSubmit()}
      onClose={onClose}
    >
      <TextInput
        label="Branches"
        description={patternExample(pattern.trim()) || 'A name, or a pattern: main, release/*, feature/**'}
        value={pattern}
        onChange={(event) => setPattern(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        data-autofocus
      />
      <NativeSelect label="Who may push" data={ROLES} value={role} onChange={(event) => setRole(event.currentTarget.value)} />
      <div className={css.checks}>
        <label>
          <input type="checkbox" checked={force} onChange={(event) => setForce(event.currentTarget.checked)} /> History may be rewritten by
          a forced push
        </label>
        <label>
          <input type="checkbox" checked={remove} onChange={(event) => setRemove(event.currentTarget.checked)} /> They may be deleted
        </label>
      </div>
      <TextInput
        label="Jobs that must succeed before a merge"
        description="Names of jobs, separated by commas; empty: none."
        value={jobs}
        onChange={(event) => setJobs(event.currentTarget.value)}
        placeholder="build, unit"
        autoComplete="off"
      />
      <NativeSelect
        label="Where its commits may be deployed"
        data={PLACES}
        value={place}
        onChange={(event) => setPlace(event.currentTarget.value)}
      />
      {place === 'named' ? (
        <TextInput
          label="Environments"
          description="Separated by commas; empty: nowhere."
          value={environments}
          onChange={(event) => setEnvironments(event.currentTarget.value)}
          placeholder="development, staging"
          autoComplete="off"
        />
      ) : null}
    </FormDialog>
  );
}

type Rule = Omit<BranchRuleFactsFragment, 'id'>;

/** Only the server knows the order of the rules, so the list is read again. */
function useSaveRule(repositoryId: string, rule: BranchRuleFactsFragment | null) {
  const { apollo } = useApi();
  const make = useAction(CreateBranchRuleDocument);
  const change = useAction(UpdateBranchRuleDocument);
  const save = async (next: Rule): Promise<boolean> => {
    const done = rule ? await change.run({ id: rule.id, rule: next }) : await make.run({ repositoryId, rule: next });
    if (done) await apollo.refetchQueries({ include: [BranchRulesDocument] });
    return done !== null;
  };
  return { save, busy: make.busy || change.busy, error: make.error ?? change.error };
}
