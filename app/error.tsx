'use client';

import type { ReactElement } from 'react';
import { Failure, type FailureProps } from '@/components/shell/failure';

export default function RootError({ error, reset }: { error: FailureProps['error']; reset: () => void }): ReactElement {
  return (
    <main id="main">
      <Failure error={error} retry={reset} />
    </main>
  );
}
