import { IconArrowBackUp, IconGitPullRequest, IconPlayerPlay, IconRefresh, IconRocket, IconUpload } from '@tabler/icons-react';
import type { RunRowFragment } from '../../generated/graphql.ts';
import css from './RunList.module.css';
import { type RunOrigin as Origin, originOf, triggerWords } from './run-words.ts';

const ICONS: Record<Origin, typeof IconUpload> = {
  push: IconUpload,
  'pull-request': IconGitPullRequest,
  manual: IconPlayerPlay,
  deploy: IconRocket,
  rollback: IconArrowBackUp,
  rerun: IconRefresh,
};

/** What started a run and who did, with a shape for each kind; the commit's author on hover. */
export function RunOrigin({ run }: { run: RunRowFragment }) {
  const origin = originOf(run);
  const Icon = ICONS[origin];
  const words = triggerWords(run);
  return (
    <span className={css.origin} data-origin={origin} title={run.commit ? `${words}. The commit is by ${run.commit.authorName}.` : words}>
      <Icon size={14} aria-hidden="true" />
      <span className={css.originWords}>{words}</span>
    </span>
  );
}
