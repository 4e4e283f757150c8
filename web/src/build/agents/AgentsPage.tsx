import { useQuery } from '@apollo/client/react';
import type { ReactNode } from 'react';
import { ReadFailed } from '../../api/ReadFailed.tsx';
import { useLive } from '../../api/use-live.ts';
import { AgentsChangedDocument, AgentsDocument, type AgentsQuery } from '../../generated/graphql.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Page } from '../../ui/Page.tsx';
import { Panel } from '../../ui/Panel.tsx';
import { RowsSkeleton } from '../../ui/Skeleton.tsx';
import { Time } from '../../ui/Time.tsx';
import { AgentCard } from './AgentCard.tsx';
import css from './agents.module.css';
import { useAgentListPatches } from './use-agent-list-patches.ts';

/** @param setAside the way to the work that was set aside */
export function AgentsPage({ setAside }: { setAside: ReactNode }) {
  const { data, error, refetch } = useQuery(AgentsDocument);
  useAgentListPatches(useLive(AgentsChangedDocument, NO_VARIABLES)?.agentsChanged);
  const agents = data?.agents;
  return (
    <Page
      title="Agents"
      facts={
        data ? (
          <>
            <Capacity data={data} />
            {setAside}
          </>
        ) : null
      }
    >
      {error && !data ? <ReadFailed title="The agents can’t be read" error={error} onRetry={() => void refetch()} /> : null}
      {!agents && !error ? (
        <Panel flush>
          <RowsSkeleton rows={4} label="Loading the agents" />
        </Panel>
      ) : null}
      {agents?.length === 0 ? (
        <Panel flush>
          <EmptyState title="No agent has joined yet">
            Agents take jobs and run them; without one everything waits. <code>npm start</code> brings one along on the server’s machine,
            and it appears here within seconds. If it doesn’t, the terminal that runs <code>npm start</code> says why.
          </EmptyState>
        </Panel>
      ) : null}
      {agents && agents.length > 0 ? (
        <ul className={css.agents}>
          {agents.map((agent) => (
            <AgentCard key={agent.id} agent={agent} />
          ))}
        </ul>
      ) : null}
    </Page>
  );
}

function Capacity({ data: { agents, queue } }: { data: AgentsQuery }) {
  const connected = agents.filter((agent) => agent.connected);
  const slots = connected.reduce((sum, agent) => sum + agent.slots, 0);
  const used = connected.reduce((sum, agent) => sum + agent.slotsInUse, 0);
  return (
    <>
      <span>{`${connected.length} connected`}</span>
      <span>{`${used} of ${slots} slots in use`}</span>
      <span>
        {queue.length === 0 ? 'nothing queued' : `${queue.length} queued`}
        {queue.oldestQueuedAt ? (
          <>
            , the oldest <Time at={queue.oldestQueuedAt} />
          </>
        ) : null}
      </span>
    </>
  );
}

const NO_VARIABLES = {};
