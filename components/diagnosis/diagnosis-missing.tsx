'use client';

import Link from 'next/link';
import { useParams, useRouter } from 'next/navigation';
import { type ReactElement, useCallback, useMemo } from 'react';
import { useFrames } from '@/components/shell/cluster-live';
import { isWorkloadAt } from '@/lib/domain/workload-plural';
import { shellJoin } from '@/lib/format/shell';
import type { FrameListener } from '@/lib/query/cluster-stream';
import { Command } from './command';

/** There is no diagnosis under this address: what that can mean, and where to look instead. Gives way to one that comes. */
export function DiagnosisMissing(): ReactElement {
  const params = useParams<{ cluster: string; plural: string; ns: string; name: string }>();
  const part = (name: keyof typeof params) => decodeURIComponent(params[name] ?? '');
  const [cluster, plural, namespace, name] = [part('cluster'), part('plural'), part('ns'), part('name')];
  const router = useRouter();
  const onFrames = useCallback<FrameListener>(
    (frames) => {
      const came = frames.some(
        (frame) =>
          frame.kind === 'change' && frame.upserts.some((loop) => isWorkloadAt(loop.workload, plural, namespace, name)),
      );
      if (came) router.refresh();
    },
    [router, plural, namespace, name],
  );
  useFrames(
    useMemo(() => [namespace], [namespace]),
    onFrames,
  );
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
