import { Link } from 'react-router';
import css from './FilterLinks.module.css';

export type FilterChoice = { name: string; search: string; current: boolean };

/** Choices that are addresses, as pills. */
export function FilterLinks({ label, choices }: { label: string; choices: FilterChoice[] }) {
  return (
    <nav className={css.filters} aria-label={label}>
      {choices.map((choice) => (
        <Link key={choice.name} to={{ search: choice.search }} className={css.filter} aria-current={choice.current} preventScrollReset>
          {choice.name}
        </Link>
      ))}
    </nav>
  );
}
