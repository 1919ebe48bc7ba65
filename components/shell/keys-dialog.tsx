'use client';

import { type ReactElement, useEffect, useRef } from 'react';
import { Icon } from '@/components/ui/icon';
import type { KeyGroup } from './keys';

/** Lists the keys of the page. Esc, its button and a press beside it close it; the focus goes back to where it was. */
export function KeysDialog({ groups, onClose }: { groups: readonly KeyGroup[]; onClose: () => void }): ReactElement {
  const dialog = useRef<HTMLDialogElement>(null);

  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    const leave = (event: MouseEvent): void => {
      if (event.target === element) element?.close();
    };
    element?.addEventListener('click', leave);
    return () => element?.removeEventListener('click', leave);
  }, []);

  return (
    <dialog className="sheet keys" ref={dialog} onClose={onClose} aria-labelledby="keys-title">
      <div className="sheet-head">
        <h2 id="keys-title">Keys</h2>
        <button
          type="button"
          className="button quiet square"
          onClick={() => dialog.current?.close()}
          aria-label="Close"
        >
          <Icon name="close" />
        </button>
      </div>
      {[...groups, EVERYWHERE].map(({ title, bindings }) => (
        <section key={title}>
          <h3>{title}</h3>
          <dl>
            {bindings.map(({ key, shown, label }) => (
              <div key={key}>
                <dt>
                  <kbd>{shown ?? key}</kbd>
                </dt>
                <dd>{label}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </dialog>
  );
}

const EVERYWHERE: KeyGroup = {
  title: 'Everywhere',
  bindings: [
    { key: '?', label: 'All keys' },
    { key: 'Escape', shown: 'Esc', label: 'Close, or leave the field' },
  ],
};
