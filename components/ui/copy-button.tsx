'use client';

import { type ReactElement, type ReactNode, useEffect, useState } from 'react';
import { Icon } from './icon';

const SHOWN_MS = 2000;

export interface CopyButtonProps {
  readonly className?: string;
  /** The text at the moment of the press. */
  readonly text: () => string;
  readonly children: ReactNode;
}

/** Copies a text and says for two seconds that it did, or that the browser refused. */
export function CopyButton({ className = 'button quiet', text, children }: CopyButtonProps): ReactElement {
  const [outcome, setOutcome] = useState<'' | 'Copied' | 'Copy refused'>('');

  useEffect(() => {
    if (outcome === '') return;
    const timer = setTimeout(() => setOutcome(''), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);

  return (
    <button
      type="button"
      className={className}
      onClick={() => {
        copyText(text()).then(
          () => setOutcome('Copied'),
          () => setOutcome('Copy refused'),
        );
      }}
    >
      <Icon name={outcome === 'Copied' ? 'seen' : 'copy'} tone={outcome === 'Copied' ? 'held' : ''} />
      <span className="words" aria-live="polite">
        {outcome === '' ? children : outcome}
      </span>
    </button>
  );
}

/** Rejects where the browser refuses. Over plain http (a port-forward by name, an ingress) there is no clipboard API. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'hidden-text';
  document.body.append(field);
  field.select();
  const isDone = document.execCommand('copy');
  field.remove();
  if (!isDone) throw new Error('The browser refused to copy');
}
