import { Fact } from '../../ui/Panel.tsx';
import { type SandboxFacts as Sandbox, sandboxWords } from './agent-facts.ts';
import css from './agents.module.css';

/** How an agent holds jobs in; what it can't is in red. */
export function SandboxFacts({ sandbox }: { sandbox: Sandbox }) {
  return sandboxWords(sandbox).map(({ name, text, isWeak }) => (
    <Fact key={name} name={name}>
      <span className={isWeak ? css.weak : undefined}>{text}</span>
    </Fact>
  ));
}
