'use client';

import Link from 'next/link';
import { useParams } from 'next/navigation';
import type { ReactElement } from 'react';
import { shellJoin } from '@/lib/format/shell';
import { Command } from './command';

/** There is no diagnosis under this address: what that can mean, and where to look instead. */
export function DiagnosisMissing(): ReactElement {
  const params = useParams<{ cluster: string; plural: string; ns: string; name: string }>();
  const part = (name: keyof typeof params) => decodeURIComponent(params[name] ?? '');
  const [cluster, plural, namespace, name] = [part('cluster'), part('plural'), part('ns'), part('name')];
  return (
    <section className="plain">
      <h1>No container of {name} loops.</h1>
      <p>
        Unloop has recorded no crash of{' '}
        <code>
          {plural}/{name}
        </code>{' '}
        in namespace <code>{namespace}</code> of {cluster}. Either it runs well, or it does not exist there, or its last
        loop is older than what is kept.
      </p>
      <Command text={shellJoin(['kubectl', '-n', namespace, 'get', plural, name])} />
      <p>
        <Link className="link" href={`/c/${encodeURIComponent(cluster)}`}>
          To the board of {cluster}
        </Link>
      </p>
    </section>
  );
}
