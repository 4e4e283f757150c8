import { useQuery } from '@apollo/client/react';
import { useMantineColorScheme } from '@mantine/core';
import { type KeyboardEvent, useId, useMemo, useState } from 'react';
import { useNavigate } from 'react-router';
import { useRest } from '../../api/use-rest.ts';
import { addressOf } from '../../domain/addresses.ts';
import { ProjectNamesDocument } from '../../generated/graphql.ts';
import { useSignOut, useViewer } from '../../people/access/viewer.tsx';
import { Dialog } from '../../ui/Dialog.tsx';
import css from './CommandPalette.module.css';

type Command = { key: string; name: string; kind: string; run: () => void };

const SHOWN = 60;

/** Go anywhere, do anything, by typing. Rendered only while open. */
export function CommandPalette({ onClose, onHelp }: { onClose: () => void; onHelp: () => void }) {
  const commands = useCommands(onHelp);
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState(0);
  const listId = useId();
  const found = useMemo(() => match(commands, typed).slice(0, SHOWN), [commands, typed]);
  const at = Math.min(chosen, found.length - 1);

  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  const onKey = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (by !== 0) {
      event.preventDefault();
      const next = (at + by + found.length) % Math.max(1, found.length);
      setChosen(next);
      document.getElementById(`${listId}-${next}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(found[at]);
    }
  };

  return (
    <Dialog
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      size={560}
      yOffset="12vh"
      centered={false}
      attributes={{ content: { 'aria-label': 'Go anywhere' } }}
    >
      <input
        className={css.input}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={onKey}
        placeholder="Go to a project, an environment, a page; or do something"
        role="combobox"
        aria-label="Go anywhere"
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={found.length > 0 ? `${listId}-${at}` : undefined}
        data-autofocus
      />
      <div className={css.list} id={listId} role="listbox" aria-label="Found">
        {found.map((command, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the combobox above
          <div
            key={command.key}
            id={`${listId}-${index}`}
            className={css.item}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            onClick={() => run(command)}
            onPointerMove={() => setChosen(index)}
          >
            <span>{command.name}</span>
            <span className={css.kind}>{command.kind}</span>
          </div>
        ))}
      </div>
      {found.length === 0 ? <p className={css.none}>Nothing has a name like “{typed}”.</p> : null}
    </Dialog>
  );
}

function useCommands(onHelp: () => void): Command[] {
  const navigate = useNavigate();
  const signOut = useSignOut();
  const { isAdmin } = useViewer();
  const { setColorScheme } = useMantineColorScheme();
  const { data, fetchMore } = useQuery(ProjectNamesDocument);
  useRest(data?.projects.pageInfo, (after) => fetchMore({ variables: { after } }));
  return useMemo(() => {
    const go = (key: string, name: string, kind: string, to: string): Command => ({ key, name, kind, run: () => void navigate(to) });
    const projects = data?.projects.edges.map((edge) => edge.node) ?? [];
    return [
      go('p', 'Projects', 'page', '/projects'),
      go('e', 'Environments', 'page', '/environments'),
      go('a', 'Activity', 'page', '/activity'),
      go('m', 'Agents', 'page', '/agents'),
      ...(isAdmin ? [go('d', 'Set aside: work that keeps failing', 'page', '/agents/set-aside')] : []),
      go('s', 'Account and tokens', 'page', '/account'),
      ...projects.flatMap((project) => [
        go(project.id, project.name, 'project', addressOf.project(project.name)),
        go(`${project.id}b`, `${project.name}: branches`, 'project', `${addressOf.project(project.name)}/branches`),
        go(`${project.id}r`, `${project.name}: pull requests`, 'project', addressOf.pullRequests(project.name)),
        go(`${project.id}u`, `${project.name}: pushes, and why they started no run`, 'project', addressOf.pushes(project.name)),
        go(`${project.id}s`, `${project.name}: settings and clone command`, 'project', `${addressOf.project(project.name)}/settings`),
        ...project.repositories.flatMap((each) => [
          go(each.id, `${project.name} / ${each.name}: settings`, 'repository', addressOf.repositorySettings(project.name, each.name)),
          go(
            `${each.id}c`,
            `${project.name} / ${each.name}: commits`,
            'repository',
            addressOf.commits({ project: project.name, repository: each.name }, ''),
          ),
          go(
            `${each.id}d`,
            `${project.name} / ${each.name}: compare`,
            'repository',
            addressOf.compareAny({ project: project.name, repository: each.name }),
          ),
        ]),
        go(`${project.id}n`, `${project.name}: add a repository`, 'action', addressOf.addRepository(project.name)),
        ...project.environments.map((each) =>
          go(each.id, `${project.name} / ${each.name}`, 'environment', addressOf.environment(project.name, each.name)),
        ),
      ]),
      go('np', 'Create a project', 'action', '/projects?new'),
      { key: 'light', name: 'Light colours', kind: 'action', run: () => setColorScheme('light') },
      { key: 'dark', name: 'Dark colours', kind: 'action', run: () => setColorScheme('dark') },
      { key: 'auto', name: 'Match the system’s colours', kind: 'action', run: () => setColorScheme('auto') },
      { key: 'help', name: 'Keyboard shortcuts', kind: 'action', run: onHelp },
      { key: 'out', name: 'Sign out', kind: 'action', run: () => void signOut() },
    ];
  }, [data, isAdmin, navigate, signOut, setColorScheme, onHelp]);
}

/** All typed words must occur; names that begin with what was typed come first. */
function match(commands: Command[], typed: string): Command[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return commands;
  const hits = commands.filter((command) => words.every((word) => `${command.name} ${command.kind}`.toLowerCase().includes(word)));
  const begins = (command: Command) => (command.name.toLowerCase().startsWith(words[0] ?? '') ? 0 : 1);
  return hits.sort((a, b) => begins(a) - begins(b));
}
