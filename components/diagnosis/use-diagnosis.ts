'use client';

import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { useFrames } from '@/components/shell/cluster-live';
import type { Diagnosis } from '@/lib/contract/diagnosis';
import type { StreamFrame } from '@/lib/contract/stream';
import { diagnosisQueries } from '@/lib/query/diagnosis-queries';
import type { DiagnosisKey } from '@/lib/url/diagnosis';
import { concerns } from './concerns';

/** Changes that come together are read once. */
const SETTLE_MS = 250;
/** A log that is being fetched is asked for again so often: the stream carries rows, not logs. */
const PENDING_MS = 1500;

/**
 * A diagnosis and keeps it right: the tab's stream says when one of its loops has changed, then it is read again.
 * The page must have seeded the cache.
 */
export function useDiagnosis(key: DiagnosisKey): Diagnosis {
  const client = useQueryClient();
  const options = diagnosisQueries.detail(key);
  const { data } = useSuspenseQuery({
    ...options,
    refetchInterval: ({ state }) => (state.data?.runs.some((run) => run.log === 'pending') ? PENDING_MS : false),
  });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);

  const { cluster, plural, namespace, name, at } = key;
  const onFrames = useCallback(
    (frames: readonly StreamFrame[]) => {
      // What has ended does not change any more.
      if (at !== undefined) return;
      const { queryKey } = diagnosisQueries.detail({ cluster, plural, namespace, name });
      const known = client.getQueryData(queryKey)?.loops ?? [];
      const prefix = `${plural}/${namespace}/${name}/`;
      if (!frames.some((frame) => concerns(frame, prefix, known))) return;
      clearTimeout(timer.current);
      timer.current = setTimeout(() => void client.invalidateQueries({ queryKey, exact: true }), SETTLE_MS);
    },
    [client, cluster, plural, namespace, name, at],
  );
  useFrames([namespace], onFrames);
  return data;
}
