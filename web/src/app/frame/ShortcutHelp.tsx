import { Fragment } from 'react';
import { Dialog } from '../../ui/Dialog.tsx';
import css from './Frame.module.css';

const KEYS: [string, [string, string][]][] = [
  [
    'Go',
    [
      ['g p', 'Projects'],
      ['g e', 'Environments'],
      ['g a', 'Activity'],
      ['g m', 'Agents'],
      ['g s', 'Account'],
      ['Ctrl K', 'Go to anything by its name'],
    ],
  ],
  [
    'Lists',
    [
      ['j k', 'Next and previous row'],
      ['Enter', 'Open'],
      ['/', 'Search'],
    ],
  ],
  [
    'Logs',
    [
      ['n N', 'Next and previous error'],
      ['f', 'Follow the end'],
      ['t', 'Times'],
      ['w', 'Wrap long lines'],
    ],
  ],
  ['Help', [['?', 'This list']]],
];

export function ShortcutHelp({ onClose }: { onClose: () => void }) {
  return (
    <Dialog onClose={onClose} title="Keyboard" size={420}>
      <div className={css.keys}>
        {KEYS.map(([group, keys]) => (
          <Fragment key={group}>
            <h3>{group}</h3>
            {keys.map(([key, meaning]) => (
              <Fragment key={key}>
                <span>
                  {key.split(' ').map((each) => (
                    <Fragment key={each}>
                      <kbd>{each}</kbd>{' '}
                    </Fragment>
                  ))}
                </span>
                <span>{meaning}</span>
              </Fragment>
            ))}
          </Fragment>
        ))}
      </div>
    </Dialog>
  );
}
