import type { ReactElement } from 'react';
import { DiagnosisMissing } from '@/components/diagnosis/diagnosis-missing';

export default function NotFound(): ReactElement {
  return <DiagnosisMissing />;
}
