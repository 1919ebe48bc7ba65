'use client';

import type { ReactElement } from 'react';
import { useShowKeys } from './keys';

/** Opens the list of all keys, for those who do not know the key for it. */
export function KeysButton(): ReactElement {
  const showAll = useShowKeys();
  return (
    <button type="button" className="button quiet square keys-button" aria-label="All keys" onClick={showAll}>
      <kbd>?</kbd>
    </button>
  );
}
