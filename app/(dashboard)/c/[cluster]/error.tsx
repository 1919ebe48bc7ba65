'use client';

import type { ReactElement } from 'react';
import { Failure, type FailureProps } from '@/components/shell/failure';

export default function ClusterError({
  error,
  reset,
}: {
  error: FailureProps['error'];
  reset: () => void;
}): ReactElement {
  return <Failure error={error} retry={reset} />;
}
