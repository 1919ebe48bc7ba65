import type { ReactElement } from 'react';
import { DiagnosisMissing } from '@/components/diagnosis/diagnosis-missing';
import '@/app/styles/diagnosis.css';

export default function NotFound(): ReactElement {
  return <DiagnosisMissing />;
}
