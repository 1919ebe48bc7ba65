import { queryOptions } from '@tanstack/react-query';
import { LoopsPageSchema } from '@/lib/contract/loop';
import { getJson } from './api';

/** What one board shows: a cluster and the chosen namespaces (none = all that may be seen). */
export interface LoopScope {
  readonly cluster: string;
  readonly namespaces: readonly string[];
}

/** Keys and reads of loops. The stream keeps a list right, so nothing here goes stale by time. */
export const loopQueries = {
  all: () => ['loops'] as const,
  list: ({ cluster, namespaces }: LoopScope) =>
    queryOptions({
      queryKey: [...loopQueries.all(), cluster, [...namespaces].sort()] as const,
      queryFn: ({ signal }) =>
        getJson(
          `/api/v1/clusters/${encodeURIComponent(cluster)}/loops${namespaceQuery(namespaces)}`,
          LoopsPageSchema,
          signal,
        ),
      staleTime: Number.POSITIVE_INFINITY,
    }),
};

/** `?ns=billing,shop`, or nothing for all namespaces. */
export function namespaceQuery(namespaces: readonly string[]): string {
  return namespaces.length > 0 ? `?ns=${namespaces.map(encodeURIComponent).join(',')}` : '';
}
