import { useQuery } from '@apollo/client/react';
import { Popover, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type KeyboardEvent, useId, useState } from 'react';
import { RefNamesDocument } from '../../generated/graphql.ts';
import css from './RefField.module.css';

type RefFieldProps = {
  label: string;
  description?: string;
  at: { project: string; repository: string };
  value: string;
  onChange: (name: string) => void;
  /** A name of the list was chosen; it was also told to `onChange`. */
  onChoose?: (name: string) => void;
  /** Enter, with no name of the list chosen. */
  onEnter?: () => void;
  /** Shows the label only to screen readers, because the place of the field already shows what it is for. */
  hideLabel?: boolean;
  autoFocus?: boolean;
};

const QUIET_MS = 150;

/** Chooses a branch by part of its name, out of any number of branches; or takes whatever else names a commit, as it is typed. */
export function RefField({
  label,
  description,
  at,
  value,
  onChange,
  onChoose,
  onEnter,
  hideLabel = false,
  autoFocus = false,
}: RefFieldProps) {
  const listId = useId();
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState(-1);
  // The whole list first: the text that is already in the field is rarely what people look for.
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed, QUIET_MS);
  const { data, previousData } = useQuery(RefNamesDocument, {
    variables: { ...at, search: search || null },
    skip: !open,
    fetchPolicy: 'no-cache',
  });
  // Of the previous list only what still matches: Enter must not choose something that nobody asked for.
  const names = ((data ?? previousData)?.project?.repository?.branches.edges ?? [])
    .map((edge) => edge.node.name)
    .filter((name) => name.toLowerCase().includes(typed.toLowerCase()));

  const choose = (name: string) => {
    onChange(name);
    onChoose?.(name);
    setOpen(false);
    setChosen(-1);
  };
  const onKey = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const name = open ? names[chosen] : undefined;
    if (by !== 0) {
      event.preventDefault();
      setOpen(true);
      setChosen((before) => (names.length === 0 ? -1 : (before + by + names.length) % names.length));
    } else if (event.key === 'Enter' && name) {
      event.preventDefault();
      choose(name);
    } else if (event.key === 'Enter' && onEnter) {
      event.preventDefault();
      setOpen(false);
      onEnter();
    } else if (event.key === 'Escape' && open) {
      event.stopPropagation();
      setOpen(false);
    }
  };
  return (
    <Popover
      opened={open && names.length > 0}
      width="target"
      position="bottom-start"
      offset={4}
      withRoles={false}
      trapFocus={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      hideDetached={false}
      transitionProps={{ duration: 0 }}
    >
      <Popover.Target>
        <TextInput
          className={css.field ?? ''}
          {...(hideLabel ? { 'aria-label': label, title: label, size: 'xs' as const } : { label, description })}
          value={value}
          onChange={(event) => {
            onChange(event.currentTarget.value);
            setTyped(event.currentTarget.value);
            setChosen(-1);
            setOpen(true);
          }}
          onFocus={(event) => event.currentTarget.select()}
          onClick={() => {
            setTyped('');
            setOpen(true);
          }}
          onBlur={() => setOpen(false)}
          onKeyDown={onKey}
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={open && names.length > 0}
          aria-controls={listId}
          aria-activedescendant={open && chosen >= 0 ? `${listId}-${chosen}` : undefined}
          autoComplete="off"
          spellCheck={false}
          data-autofocus={autoFocus || undefined}
        />
      </Popover.Target>
      <Popover.Dropdown className={css.list ?? ''}>
        <div id={listId} role="listbox" aria-label={`Names for ${label}`}>
          {names.map((name, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are those of the combobox above
            <div
              key={name}
              id={`${listId}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === chosen}
              className={css.option}
              title={name}
              // Before the field loses the focus, and the list with it.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => choose(name)}
            >
              {name}
            </div>
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
