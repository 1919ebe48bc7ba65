'use client';

import {
  createContext,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
} from 'react';
import { correctClock } from '@/components/ui/clock';
import type { Cluster } from '@/lib/contract/cluster';
import { ClusterStream, type FrameListener, type StreamStatus } from '@/lib/query/cluster-stream';

const StreamContext = createContext<ClusterStream | null>(null);

/** Holds the one live connection of the tab to a cluster. Pages below choose what it carries with `useFrames`. */
export function ClusterLive({ cluster, children }: { cluster: Cluster; children: ReactNode }): ReactElement {
  const [stream] = useState(() => new ClusterStream(cluster));

  useEffect(() => {
    const unsubscribe = stream.onFrames((frames) => {
      for (const frame of frames) if (frame.kind === 'snapshot') correctClock(Date.parse(frame.page.asOf));
    });
    const wake = (): void => {
      if (document.visibilityState === 'visible') stream.retryNow();
    };
    document.addEventListener('visibilitychange', wake);
    window.addEventListener('online', wake);
    return () => {
      unsubscribe();
      document.removeEventListener('visibilitychange', wake);
      window.removeEventListener('online', wake);
      stream.close();
    };
  }, [stream]);

  return <StreamContext value={stream}>{children}</StreamContext>;
}

function useStream(): ClusterStream {
  const stream = useContext(StreamContext);
  if (!stream) throw new Error('No ClusterLive above this component');
  return stream;
}

/** How live the page is, and the cluster as the server last described it. */
export function useStreamStatus(): StreamStatus {
  const stream = useStream();
  const read = (): StreamStatus => stream.status;
  return useSyncExternalStore((listener) => stream.subscribe(listener), read, read);
}

/**
 * Lets the stream carry these namespaces (none = all) while the page is shown, and hands it each batch of frames. `onFrames`
 * must keep its identity between renders.
 */
export function useFrames(namespaces: readonly string[], onFrames: FrameListener): void {
  const stream = useStream();
  const scope = namespaces.join(',');
  useEffect(() => stream.onFrames(onFrames), [stream, onFrames]);
  useEffect(() => stream.watch(scope === '' ? [] : scope.split(',')), [stream, scope]);
}
