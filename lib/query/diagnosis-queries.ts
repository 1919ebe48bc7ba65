import { queryOptions } from '@tanstack/react-query';
import { DiagnosisSchema } from '@/lib/contract/diagnosis';
import { apiPath } from '@/lib/url/base-path';
import type { DiagnosisKey } from '@/lib/url/diagnosis';
import { getJson, getText } from './api';

/** Keys and reads of diagnoses. The stream says when one has changed, so nothing goes stale by time. */
export const diagnosisQueries = {
  all: () => ['diagnosis'] as const,
  detail: ({ cluster, plural, namespace, name, at }: DiagnosisKey) =>
    queryOptions({
      queryKey: [...diagnosisQueries.all(), cluster, plural, namespace, name, at ?? null] as const,
      queryFn: ({ signal }) =>
        getJson(
          `/api/v1/clusters/${[cluster, 'loops', plural, namespace, name].map(encodeURIComponent).join('/')}${
            at === undefined ? '' : `?at=${encodeURIComponent(at)}`
          }`,
          DiagnosisSchema,
          signal,
        ),
      staleTime: Number.POSITIVE_INFINITY,
    }),
};

/** Which log: a recorded run by its id, or `current` for the container that is alive. */
export interface LogKey {
  readonly cluster: string;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly run: string;
}

/** A log as the API gives it. `gapBefore` is the line (from 1) before which `skippedLines` were left out. */
export interface LogBody {
  readonly text: string;
  readonly skippedLines: number;
  readonly gapBefore: number | null;
  readonly stamped: boolean;
}

/** Keys and reads of logs. What was recorded never changes; `current` is read again on demand only. */
export const logQueries = {
  all: () => ['log'] as const,
  run: ({ cluster, namespace, pod, container, run }: LogKey) =>
    queryOptions({
      queryKey: [...logQueries.all(), cluster, namespace, pod, container, run] as const,
      queryFn: async ({ signal }): Promise<LogBody> => {
        const { text, headers } = await getText(logPath({ cluster, namespace, pod, container, run }), signal);
        const gap = headers.get('x-unloop-gap-before');
        return {
          text,
          skippedLines: Number(headers.get('x-unloop-skipped-lines')) || 0,
          gapBefore: gap === null || gap === '' ? null : Number(gap),
          stamped: headers.get('x-unloop-stamped') === '1',
        };
      },
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: 60_000,
    }),
};

function logPath({ cluster, namespace, pod, container, run }: LogKey): `/${string}` {
  const path = [cluster, 'logs', namespace, pod, container].map(encodeURIComponent).join('/');
  return `/api/v1/clusters/${path}?run=${encodeURIComponent(run)}`;
}

/** The address of a log as plain text, for a link. */
export function logAddress(key: LogKey): string {
  return apiPath(logPath(key));
}
