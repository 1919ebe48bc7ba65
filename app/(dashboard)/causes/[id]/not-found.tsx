import type { ReactElement } from 'react';
import { CauseMissing } from '@/components/causes/cause-missing';

export default function NotFound(): ReactElement {
  return <CauseMissing />;
}
