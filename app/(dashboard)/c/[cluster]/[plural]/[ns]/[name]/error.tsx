'use client';

import type { ReactElement } from 'react';
import { DiagnosisFailed } from '@/components/diagnosis/diagnosis-failed';
import '@/app/styles/diagnosis.css';

export default function ErrorPage({ reset }: { error: Error; reset: () => void }): ReactElement {
  return <DiagnosisFailed onRetry={reset} />;
}
