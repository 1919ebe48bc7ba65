'use client';

import Link from 'next/link';
import { useParams } from 'next/navigation';
import type { ReactElement } from 'react';
import { Sign } from './sign';

/** The server could not read this diagnosis. What was recorded is not lost: a retry or the board may work. */
export function DiagnosisFailed({ onRetry }: { readonly onRetry: () => void }): ReactElement {
  const { cluster = '', name = '' } = useParams<{ cluster: string; name: string }>();
  return (
    <section className="plain">
      <h1>The diagnosis of {decodeURIComponent(name)} could not be read.</h1>
      <p>The server's log says why. What was recorded is not lost.</p>
      <p>
        <button type="button" className="button" onClick={onRetry}>
          <Sign name="reload" />
          Try again
        </button>
      </p>
      <p>
        <Link className="link" href={`/c/${cluster}`}>
          To the board
        </Link>
      </p>
    </section>
  );
}
