import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { useFrames } from '@/components/shell/cluster-live';
import type { EndedLoop, HistoryPage } from '@/lib/contract/history';
import type { FrameListener } from '@/lib/query/cluster-stream';
import { type HistoryScope, historyQueries } from '@/lib/query/history-queries';

export interface History {
  /** The newest page: its totals and what is kept are those of the whole period. */
  readonly page: HistoryPage;
  readonly ended: readonly EndedLoop[];
  /** Recorded ends that cannot be shown, since their rows are damaged. */
  readonly unreadable: number;
  /** What is shown belongs to another filter or period than the chosen one: that one is being read. */
  readonly isReading: boolean;
  readonly problem: string | null;
  readonly hasOlder: boolean;
  readonly isReadingOlder: boolean;
  readonly readOlder: () => void;
  /** Loops that ended or came back since the page was read; nothing moves until somebody asks for it. */
  readonly changed: number;
  readonly readAgain: () => void;
}

/** The history of a scope; `rendered` is what the server put into the page, for the scope it was rendered for. */
export function useHistory(
  scope: HistoryScope,
  rendered: { readonly page: HistoryPage; readonly scope: HistoryScope },
): History {
  const isRendered = JSON.stringify(scope) === JSON.stringify(rendered.scope);
  const query = useInfiniteQuery({
    ...historyQueries.pages(scope),
    ...(isRendered ? { initialData: { pages: [rendered.page], pageParams: [null] } } : {}),
    placeholderData: keepPreviousData,
  });
  const [changes, setChanges] = useState<ReadonlySet<string>>(new Set());
  const onFrames = useCallback<FrameListener>((frames) => {
    const ids = frames.flatMap((frame) => (frame.kind === 'change' ? frame.upserts : [])).filter(isNews);
    if (ids.length > 0) setChanges((known) => new Set([...known, ...ids.map((loop) => `${loop.id} ${loop.state}`)]));
  }, []);
  useFrames(scope.namespaces, onFrames);

  const pages = query.data?.pages ?? [rendered.page];
  return {
    page: pages[0] ?? rendered.page,
    ended: pages.flatMap((page) => page.ended),
    unreadable: pages.reduce((sum, page) => sum + page.unreadable, 0),
    isReading: query.isPlaceholderData && query.isFetching,
    problem: query.error?.message ?? null,
    hasOlder: query.hasNextPage,
    isReadingOlder: query.isFetchingNextPage,
    readOlder: () => void query.fetchNextPage(),
    changed: changes.size,
    readAgain: () => {
      setChanges(new Set());
      void query.refetch();
    },
  };
}

function isNews({ state }: { state: string }): boolean {
  return state === 'recovered' || state === 'gone' || state === 'came-back';
}
