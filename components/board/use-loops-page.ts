import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo } from 'react';
import { useFrames, useStreamStatus } from '@/components/shell/cluster-live';
import type { LoopsPage } from '@/lib/contract/loop';
import { applyFrames } from '@/lib/query/apply-frame';
import type { FrameListener } from '@/lib/query/cluster-stream';
import { loopQueries } from '@/lib/query/loop-queries';

/** Where the stream cannot be opened (a proxy that breaks it), the page falls back to asking. */
const ASK_AFTER_ATTEMPTS = 3;
const ASK_EVERY_MS = 5000;

export interface RenderedPage {
  readonly page: LoopsPage;
  /** The namespaces that it was rendered for; none = all. */
  readonly namespaces: readonly string[];
}

/** The page of these namespaces, kept right by the stream; `rendered` is what the server put into the page. */
export function useLoopsPage(cluster: string, namespaces: readonly string[], rendered: RenderedPage): LoopsPage {
  const client = useQueryClient();
  const scope = namespaces.join(',');
  const initial = scope === rendered.namespaces.join(',') ? rendered.page : undefined;
  const query = useMemo(
    () => loopQueries.list({ cluster, namespaces: scope === '' ? [] : scope.split(',') }),
    [cluster, scope],
  );
  const { queryKey } = query;

  // A page that the cache still holds from before may be older than what the server has just rendered.
  useEffect(() => {
    client.setQueryData<LoopsPage>(queryKey, (held) => (held && initial && held.asOf < initial.asOf ? initial : held));
  }, [client, queryKey, initial]);

  const onFrames = useCallback<FrameListener>(
    (frames) => client.setQueryData<LoopsPage>(queryKey, (page) => applyFrames(page, frames)),
    [client, queryKey],
  );
  useFrames(namespaces, onFrames);

  const { connection } = useStreamStatus();
  const { data } = useQuery({
    ...query,
    ...(initial ? { initialData: initial } : {}),
    placeholderData: keepPreviousData,
    enabled: connection.state === 'reconnecting' && connection.attempt >= ASK_AFTER_ATTEMPTS,
    refetchInterval: ASK_EVERY_MS,
    staleTime: 0,
  });
  return data ?? rendered.page;
}
