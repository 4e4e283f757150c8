import { useQuery } from '@apollo/client/react';
import { Button } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'react-router';
import { useApi } from '../../api/api.ts';
import { ReadFailed } from '../../api/ReadFailed.tsx';
import { useAction } from '../../api/use-action.ts';
import { type BranchRuleFactsFragment, BranchRulesDocument, DeleteBranchRuleDocument } from '../../generated/graphql.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { BranchRuleDialog } from './BranchRuleDialog.tsx';
import css from './branches.module.css';
import { patternExample, ruleWords } from './rule-words.ts';

/** Who may push where, what a merge needs, and where commits may be deployed: the rules of a repository. */
export function BranchRules({ repositoryId }: { repositoryId: string }) {
  const top = useRef<HTMLDivElement>(null);
  const { hash } = useLocation();
  useEffect(() => {
    if (hash === `#${PLACE}`) top.current?.scrollIntoView();
  }, [hash]);
  return (
    <div ref={top} id={PLACE}>
      <RuleList repositoryId={repositoryId} />
    </div>
  );
}

/** Links to this place are on other pages, so this page may still be loading when its address is opened. */
const PLACE = 'branch-rules';

function RuleList({ repositoryId }: { repositoryId: string }) {
  const { data, error, refetch } = useQuery(BranchRulesDocument, { variables: { repositoryId } });
  const [editing, setEditing] = useState<BranchRuleFactsFragment | 'new' | null>(null);
  const [deleting, setDeleting] = useState<BranchRuleFactsFragment | null>(null);
  const rules = data?.branchRules;
  const add = <Button onClick={() => setEditing('new')}>New rule</Button>;
  return (
    <Panel title="Branch rules" actions={rules && rules.length > 0 ? add : null} flush>
      {error && !rules ? <ReadFailed title="The rules can’t be read" error={error} onRetry={() => void refetch()} /> : null}
      {!rules && !error ? <RowsSkeleton rows={3} label="Loading the rules" /> : null}
      {rules?.length === 0 ? (
        <EmptyState title="No branch is protected yet" action={add}>
          A rule says who may push to the branches that its pattern names, which jobs must succeed before a merge, and to which environments
          their commits may go. Without one, developers may do anything to any branch.
        </EmptyState>
      ) : null}
      {rules && rules.length > 0 ? (
        <>
          <p className={css.note}>The first rule in this list that matches a branch applies; the others are ignored.</p>
          <ul>
            {rules.map((rule) => (
              <li key={rule.id} className={css.rule}>
                <div className={css.ruleText}>
                  <code className={css.pattern}>{rule.pattern}</code> <span className="muted">{patternExample(rule.pattern)}</span>
                  <p>{sentence(ruleWords(rule))}</p>
                </div>
                <div className={css.rowActions}>
                  <Button size="compact-xs" variant="default" aria-label={`Edit rule ${rule.pattern}`} onClick={() => setEditing(rule)}>
                    Edit
                  </Button>
                  <Button
                    size="compact-xs"
                    variant="default"
                    color="red"
                    aria-label={`Delete rule ${rule.pattern}`}
                    onClick={() => setDeleting(rule)}
                  >
                    Delete
                  </Button>
                </div>
              </li>
            ))}
          </ul>
        </>
      ) : null}
      {editing ? (
        <BranchRuleDialog repositoryId={repositoryId} rule={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      ) : null}
      {deleting ? <DeleteRule repositoryId={repositoryId} rule={deleting} onClose={() => setDeleting(null)} /> : null}
    </Panel>
  );
}

function DeleteRule({ repositoryId, rule, onClose }: { repositoryId: string; rule: BranchRuleFactsFragment; onClose: () => void }) {
  const { cache } = useApi().apollo;
  const { run, busy, error } = useAction(DeleteBranchRuleDocument);
  const remove = async () => {
    if (!(await run({ id: rule.id }))) return;
    cache.updateQuery(
      { query: BranchRulesDocument, variables: { repositoryId } },
      (data) => data && { branchRules: data.branchRules.filter((each) => each.id !== rule.id) },
    );
    onClose();
  };
  return (
    <ConfirmDialog
      title="Delete rule"
      name={rule.pattern}
      action="Delete rule"
      busy={busy}
      error={error}
      onConfirm={() => void remove()}
      onClose={onClose}
    >
      What the rule <strong>{rule.pattern}</strong> forbids is allowed at once, but for what other rules say.
    </ConfirmDialog>
  );
}

function sentence(words: string[]): string {
  const text = words.join('; ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
