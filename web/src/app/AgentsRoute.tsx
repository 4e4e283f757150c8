import { AgentsPage } from '../build/agents/AgentsPage.tsx';
import { SetAsideLink } from '../observe/dead-letters/SetAsideLink.tsx';

export function AgentsRoute() {
  return <AgentsPage setAside={<SetAsideLink />} />;
}
