'use client';

import type { ReactElement } from 'react';
import { DiagnosisFailed } from '@/components/diagnosis/diagnosis-failed';

export default function ErrorPage({ reset }: { error: Error; reset: () => void }): ReactElement {
  return <DiagnosisFailed onRetry={reset} />;
}
