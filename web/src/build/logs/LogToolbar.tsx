import {
  IconArrowDownCircle,
  IconChevronDown,
  IconChevronUp,
  IconClock,
  IconFileCode,
  IconFileText,
  IconTextWrap,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { formatCount } from '../../ui/format.ts';
import css from './LogView.module.css';

type LogToolbarProps = {
  totalLines: number;
  live: boolean;
  following: boolean;
  wrapped: boolean;
  timed: boolean;
  /** The address of the whole log as text. */
  rawUrl: string;
  onFollow: () => void;
  onWrap: () => void;
  onTimes: () => void;
  onError: (direction: 1 | -1) => void;
};

export function LogToolbar(props: LogToolbarProps) {
  const { totalLines, live } = props;
  return (
    <div className={css.toolbar} role="toolbar" aria-label="Log">
      <span className={css.summary}>
        {formatCount(totalLines)} {totalLines === 1 ? 'line' : 'lines'}
        {live ? ', live' : ''}
      </span>
      <Toggle label="Previous error" name="" keys="N" icon={<IconChevronUp size={16} />} onClick={() => props.onError(-1)} />
      <Toggle label="Next error" name="Error" keys="n" icon={<IconChevronDown size={16} />} onClick={() => props.onError(1)} />
      <Toggle
        label="Follow the end"
        name="Follow"
        keys="f"
        icon={<IconArrowDownCircle size={16} />}
        pressed={props.following}
        onClick={props.onFollow}
      />
      <Toggle
        label="Wrap long lines"
        name="Wrap"
        keys="w"
        icon={<IconTextWrap size={16} />}
        pressed={props.wrapped}
        onClick={props.onWrap}
      />
      <Toggle label="Show times" name="Times" keys="t" icon={<IconClock size={16} />} pressed={props.timed} onClick={props.onTimes} />
      <TextLink label="Whole log as plain text" name="Text" icon={<IconFileText size={16} />} href={`${props.rawUrl}?escapes=none`} />
      <TextLink label="Raw log, with its colour codes" name="Raw" icon={<IconFileCode size={16} />} href={props.rawUrl} />
    </div>
  );
}

function TextLink({ label, name, icon, href }: { label: string; name: string; icon: ReactNode; href: string }) {
  return (
    <a className={css.toggle} href={href} target="_blank" rel="noreferrer" title={label} aria-label={label}>
      {icon}
      <span>{name}</span>
    </a>
  );
}

type ToggleProps = { label: string; name: string; keys: string; icon: ReactNode; pressed?: boolean; onClick: () => void };

function Toggle({ label, name, keys, icon, pressed, onClick }: ToggleProps) {
  return (
    <button
      type="button"
      className={css.toggle}
      aria-label={label}
      title={`${label} (${keys})`}
      aria-pressed={pressed}
      aria-keyshortcuts={keys}
      onClick={onClick}
    >
      {icon}
      {name ? <span>{name}</span> : null}
    </button>
  );
}
