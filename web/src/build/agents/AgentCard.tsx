import { Button } from '@mantine/core';
import { useAction } from '../../api/use-action.ts';
import { type AgentRowFragment, DrainAgentDocument } from '../../generated/graphql.ts';
import { ErrorNote } from '../../ui/ErrorPanel.tsx';
import { formatBytes } from '../../ui/format.ts';
import { Meter } from '../../ui/Meter.tsx';
import { Fact, Facts } from '../../ui/Panel.tsx';
import { StateBadge, type StateLook } from '../../ui/StateBadge.tsx';
import { Time } from '../../ui/Time.tsx';
import { loadFacts, sandboxFacts } from './agent-facts.ts';
import css from './agents.module.css';
import { SandboxFacts } from './SandboxFacts.tsx';

export function AgentCard({ agent }: { agent: AgentRowFragment }) {
  const { run, busy, error } = useAction(DrainAgentDocument);
  const load = loadFacts(agent.load);
  const sandbox = sandboxFacts(agent.sandbox);
  return (
    <li className={css.agent}>
      <header className={css.header}>
        <h2>{agent.name}</h2>
        <StateBadge look={lookOf(agent)} />
        <span className={css.roles}>{agent.roles.map((role) => role.toLowerCase()).join(', ')}</span>
        <Button variant="default" loading={busy} onClick={() => void run({ id: agent.id, draining: !agent.draining })}>
          {agent.draining ? 'Resume' : 'Drain'}
        </Button>
      </header>
      <ErrorNote message={error} />
      <Facts>
        <Fact name="Slots">
          <Meter part={agent.slots === 0 ? 0 : agent.slotsInUse / agent.slots} label={`Slots of ${agent.name}`}>
            {agent.slotsInUse}/{agent.slots}
          </Meter>
        </Fact>
        {load ? <LoadMeters name={agent.name} load={load} /> : null}
        <Fact name="Machine">{[agent.hostname, agent.platform].filter(Boolean).join(', ') || 'unknown'}</Fact>
        <Fact name="Version">{agent.version ?? 'unknown'}</Fact>
        <Fact name="Last seen">{agent.lastSeenAt ? <Time at={agent.lastSeenAt} /> : 'never'}</Fact>
        {agent.tags.length > 0 ? <Fact name="Tags">{agent.tags.join(', ')}</Fact> : null}
        {sandbox ? <SandboxFacts sandbox={sandbox} /> : null}
      </Facts>
      {sandbox && sandbox.notes.length > 0 ? (
        <ul className={css.notes}>
          {sandbox.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      ) : null}
    </li>
  );
}

function LoadMeters({ name, load }: { name: string; load: NonNullable<ReturnType<typeof loadFacts>> }) {
  return (
    <>
      <Fact name="Load per core">
        <Meter part={load.cpu} label={`Load of ${name}`}>
          {load.cpu.toFixed(2)}
        </Meter>
      </Fact>
      <Fact name="Memory">
        <Meter part={load.memoryTotal === 0 ? 0 : load.memoryUsed / load.memoryTotal} label={`Memory of ${name}`}>
          {Math.round((load.memoryUsed / Math.max(1, load.memoryTotal)) * 100)}% of {formatBytes(load.memoryTotal)}
        </Meter>
      </Fact>
      <Fact name="Disk free">
        <span className="mono">{formatBytes(load.diskFree)}</span>
      </Fact>
    </>
  );
}

function lookOf({ connected, draining }: AgentRowFragment): StateLook {
  if (!connected) return { shape: 'cross', tone: 'negative', word: 'Disconnected' };
  return draining ? { shape: 'bars', tone: 'attention', word: 'Draining' } : { shape: 'tick', tone: 'positive', word: 'Connected' };
}
