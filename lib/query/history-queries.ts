import { infiniteQueryOptions } from '@tanstack/react-query';
import { HistoryPageSchema } from '@/lib/contract/history';
import type { Period } from '@/lib/url/history';
import { getJson } from './api';

/** What one view of the history shows. No namespaces = all that may be seen. */
export interface HistoryScope {
  readonly cluster: string;
  readonly namespaces: readonly string[];
  readonly filter: string;
  readonly period: Period;
}

/** Keys and reads of the history, page by page. The stream says when a loop has ended, so nothing goes stale by time. */
export const historyQueries = {
  all: () => ['history'] as const,
  pages: ({ cluster, namespaces, filter, period }: HistoryScope) =>
    infiniteQueryOptions({
      queryKey: [...historyQueries.all(), cluster, [...namespaces].sort(), filter, period] as const,
      initialPageParam: null as string | null,
      queryFn: ({ signal, pageParam }) => {
        const query = new URLSearchParams({ period });
        if (namespaces.length > 0) query.set('ns', namespaces.join(','));
        if (filter !== '') query.set('q', filter);
        if (pageParam !== null) query.set('before', pageParam);
        return getJson(`/api/v1/clusters/${encodeURIComponent(cluster)}/history?${query}`, HistoryPageSchema, signal);
      },
      getNextPageParam: (page) => page.next,
      staleTime: Number.POSITIVE_INFINITY,
    }),
};
