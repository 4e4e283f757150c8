import { ActionIcon, Button } from '@mantine/core';
import { IconArrowsExchange, IconGitMerge } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';
import { useNavigate } from 'react-router';
import { loadPart } from '../../api/load-part.ts';
import { addressOf } from '../../domain/addresses.ts';
import { RefField } from '../branches/RefField.tsx';
import css from './commits.module.css';

const MergeDialog = lazy(async () => ({ default: (await loadPart(() => import('../branches/MergeDialog.tsx'))).MergeDialog }));

type Props = {
  at: { id: string; project: string; repository: string };
  base: string;
  head: string;
  comparison: { ahead?: number | null; behind?: number | null } | null;
  onMerged: () => void;
};

/** What is compared with what, how far they are apart, and the way to merge one into the other. */
export function CompareTools({ at, base, head, comparison, onMerged }: Props) {
  const navigate = useNavigate();
  const [typed, setTyped] = useState({ base, head });
  const [merging, setMerging] = useState(false);
  const go = (to: { base: string; head: string }) => {
    if (to.base.trim() && to.head.trim()) navigate(addressOf.compare(at, to.base.trim(), to.head.trim()));
  };
  const field = (side: 'base' | 'head', label: string) => (
    <RefField
      label={label}
      at={at}
      value={typed[side]}
      onChange={(name) => setTyped((before) => ({ ...before, [side]: name }))}
      onChoose={(name) => go({ ...typed, [side]: name })}
      onEnter={() => go(typed)}
    />
  );
  return (
    <>
      <div className={css.compareTools}>
        {field('base', 'Compare with')}
        <ActionIcon
          aria-label="Swap the two"
          title="Swap the two"
          onClick={() => navigate(addressOf.compare(at, head, base))}
          disabled={!base || !head}
        >
          <IconArrowsExchange size={16} />
        </ActionIcon>
        {field('head', 'Compare')}
        <Button variant="default" onClick={() => go(typed)} disabled={typed.base === base && typed.head === head}>
          Compare
        </Button>
        <Button leftSection={<IconGitMerge size={15} />} disabled={!comparison || comparison.ahead === 0} onClick={() => setMerging(true)}>
          Merge…
        </Button>
      </div>
      <p className={css.distance}>{comparison ? distanceWords(comparison, base, head) : '\u00a0'}</p>
      <Suspense>
        {merging ? <MergeDialog at={at} source={head} target={base} onDone={onMerged} onClose={() => setMerging(false)} /> : null}
      </Suspense>
    </>
  );
}

function distanceWords({ ahead, behind }: NonNullable<Props['comparison']>, base: string, head: string) {
  if (ahead == null || behind == null) return `${head} and ${base} have nothing in common, or are more than 10,000 commits apart.`;
  return (
    <>
      <strong>{head}</strong> is <strong>{ahead}</strong> {ahead === 1 ? 'commit' : 'commits'} ahead of {base} and <strong>{behind}</strong>{' '}
      behind it.
    </>
  );
}
