import type { Metadata } from 'next';
import Link from 'next/link';
import type { ReactElement } from 'react';
import { BackoffLesson } from '@/components/causes/backoff-lesson';
import { CategoryIndex } from '@/components/causes/category-index';
import { CausesReference } from '@/components/causes/causes-reference';
import { readContext } from '@/server/read/context';
import { listCauses } from '@/server/read/list-causes';

export const metadata: Metadata = { title: 'Causes' };

export default function CausesPage(): ReactElement {
  const { causes } = listCauses(readContext());
  return (
    <div className="causes">
      <header className="causes-head">
        <h1>Why containers crash-loop</h1>
        <p className="prose muted">
          Each cause that Unloop names, with how it shows and what to do. These are the words of the rules themselves.{' '}
          <Link className="link" href="#back-off">
            How back-off works
          </Link>
        </p>
      </header>
      <CategoryIndex causes={causes} />
      <div className="causes-main">
        <CausesReference causes={causes} />
        <BackoffLesson />
      </div>
    </div>
  );
}
