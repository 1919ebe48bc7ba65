'use client';

import Link from 'next/link';
import { useParams } from 'next/navigation';
import type { ReactElement } from 'react';
import { CAUSES } from '@/lib/domain/causes';
import { causePath } from '@/lib/url/causes';
import { nearCauses } from './near-causes';

/** There is no cause of this name: which ones are like it, and where all of them stand. */
export function CauseMissing(): ReactElement {
  const { id = '' } = useParams<{ id: string }>();
  const word = decodeURIComponent(id).slice(0, 80);
  const near = nearCauses(word);
  return (
    <section className="plain">
      <h1>There is no cause “{word}”</h1>
      {near.length > 0 ? (
        <>
          <p>These are like it:</p>
          <ul className="near">
            {near.map((one) => (
              <li key={one}>
                <Link className="link" href={causePath(one)}>
                  {CAUSES[one].title}
                </Link>{' '}
                <code className="muted">{one}</code>
              </li>
            ))}
          </ul>
        </>
      ) : null}
      <p>
        Causes are never renamed: a link to one that once worked still does.{' '}
        <Link className="link" href="/causes">
          All causes
        </Link>
      </p>
    </section>
  );
}
