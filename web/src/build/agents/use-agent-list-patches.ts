import { useEffect } from 'react';
import { useApi } from '../../api/api.ts';
import { type AgentRowFragment, AgentsDocument } from '../../generated/graphql.ts';

/** The subscription brings all agents at each change; the list shown becomes that one, those that joined or left included. */
export function useAgentListPatches(agents: AgentRowFragment[] | undefined): void {
  const { cache } = useApi().apollo;
  useEffect(() => {
    if (agents) cache.updateQuery({ query: AgentsDocument }, (data) => data && { ...data, agents });
  }, [agents, cache]);
}
