import type { DeploymentDetailsFragment } from '../../generated/graphql.ts';
import { Fact, Facts, Panel } from '../../ui/Panel.tsx';
import css from './deployments.module.css';
import { bytesWords, latencyWords, receiptSentence } from './receipt-words.ts';

/** The receipt. Its rows are there from the beginning, so that nothing moves when it comes. */
export function Requests({ receipt }: Pick<DeploymentDetailsFragment, 'receipt'>) {
  return (
    <Panel title="Requests during the switch">
      <p className={css.receipt}>{receipt ? receiptSentence(receipt) : 'Counted once it ends.'}</p>
      <Facts>
        <Fact name="Latency p50 · p95 · p99">
          <span title="From the whole head of a request to the first byte of its answer. Each figure is rounded up to the next bound of a histogram.">
            {receipt ? latencyWords(receipt) : '–'}
          </span>
        </Fact>
        <Fact name="Received · sent">{receipt ? bytesWords(receipt) : '–'}</Fact>
      </Facts>
    </Panel>
  );
}
