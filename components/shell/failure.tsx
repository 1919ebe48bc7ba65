'use client';

import type { ReactElement } from 'react';

export interface FailureProps {
  readonly error: Error & { digest?: string };
  readonly retry: () => void;
}

/** What a reader sees where a page broke: what that means, and what to do. Texts of server errors stay on the server. */
export function Failure({ error, retry }: FailureProps): ReactElement {
  return (
    <section className="plain" role="alert">
      <h1>This page could not be shown</h1>
      <p>
        Unloop itself failed, not your cluster. Its log names the reason
        {error.digest === undefined ? (
          '.'
        ) : (
          <>
            {' '}
            beside the number <code>{error.digest}</code>.
          </>
        )}
      </p>
      <p>
        <button type="button" className="button primary" onClick={retry}>
          Try again
        </button>
      </p>
    </section>
  );
}
