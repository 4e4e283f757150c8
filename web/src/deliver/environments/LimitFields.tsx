import { TextInput } from '@mantine/core';
import type { EnvironmentDetailsFragment, LimitsInput } from '../../generated/graphql.ts';
import css from './environments.module.css';

/** As typed; empty means no limit. */
export type LimitTexts = { cpuCores: string; memoryMib: string; storageMib: string };

export const NO_LIMITS: LimitTexts = { cpuCores: '', memoryMib: '', storageMib: '' };

export function textsOf(limits: EnvironmentDetailsFragment['limits']): LimitTexts {
  const text = (value: number | null | undefined) => (value == null ? '' : String(value));
  return { cpuCores: text(limits.cpuCores), memoryMib: text(limits.memoryMib), storageMib: text(limits.storageMib) };
}

export function limitsOf(texts: LimitTexts): LimitsInput {
  const number = (text: string) => (text.trim() === '' ? null : Number(text));
  return { cpuCores: number(texts.cpuCores), memoryMib: number(texts.memoryMib), storageMib: number(texts.storageMib) };
}

const FIELDS = [
  { key: 'cpuCores', label: 'CPU cores', step: '0.1' },
  { key: 'memoryMib', label: 'Memory, MiB', step: '1' },
  { key: 'storageMib', label: 'Storage, MiB', step: '1' },
] as const;

export function LimitFields({ value, onChange }: { value: LimitTexts; onChange: (value: LimitTexts) => void }) {
  return (
    <div className={css.limitFields}>
      {FIELDS.map(({ key, label, step }) => (
        <TextInput
          key={key}
          label={label}
          type="number"
          min="0"
          step={step}
          placeholder="no limit"
          value={value[key]}
          onChange={(event) => onChange({ ...value, [key]: event.currentTarget.value })}
        />
      ))}
    </div>
  );
}
