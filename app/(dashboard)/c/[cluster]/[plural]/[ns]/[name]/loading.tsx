import type { ReactElement } from 'react';
import { DiagnosisSkeleton } from '@/components/diagnosis/diagnosis-skeleton';

export default function Loading(): ReactElement {
  return <DiagnosisSkeleton />;
}
