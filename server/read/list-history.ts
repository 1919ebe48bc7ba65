import 'server-only';
import { setImmediate } from 'node:timers/promises';
import type { EndedLoop, HistoryPage, Outcome } from '@/lib/contract/history';
import { CATEGORIES, type Category } from '@/lib/domain/causes';
import { toInstant } from '@/lib/domain/time';
import { UnloopError } from '@/lib/domain/unloop-error';
import { type Sight, sightOf } from '@/lib/domain/viewer';
import { type FilterTerm, matchesFilter, parseFilter } from '@/lib/url/loop-filter';
import { describeError, logLine } from '@/server/log';
import { clusterOf, runtime } from '@/server/runtime-slot';
import type { EndedCount, EndedLoop as StoredEnd } from '@/server/store/store';
import { shownRow } from '@/server/view/shown-row';
import { readShownRow, readStoredRow } from '@/server/view/stored-row';
import type { ReadContext } from './context';
import type { ClusterQuery } from './list-loops';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const PAGE = 100;
/** Rows read at once. */
const BATCH = 200;
/** Rows looked at for one page: what a filter lets through may be rare, an answer must not take for ever. */
const SCAN_MAX = 5000;
/** More spans than this no chart shows. */
const SPANS_MAX = 60;

export interface EndedQuery extends ClusterQuery {
  /** The board's filter language. */
  readonly filter: string;
  /** How far back, in milliseconds; null for all that is kept. */
  readonly periodMs: number | null;
  /** Only what ended before this instant, epoch ms: the `next` of the page before. */
  readonly before?: number;
}

/** Loops of a cluster that ended, newest end first, one page of them. Throws `not-found` for an unknown cluster. */
export async function listHistory({ viewer }: ReadContext, query: EndedQuery): Promise<HistoryPage> {
  const { cluster, periodMs } = query;
  clusterOf(viewer, cluster);
  const sight = sightOf(viewer, cluster, query.namespaces);
  const { store, config } = runtime();
  const now = Date.now();
  const since = await store.heldSince(cluster);
  const from = periodMs === null ? (since ?? now) : now - periodMs;
  const spanMs = now - from > 3 * DAY ? DAY : HOUR;
  // Of a record that has just begun, the chart shows a day all the same: one bar alone has no scale.
  const drawnFrom = Math.min(from, now - DAY);
  const [{ ended, next, unreadable }, counts] = await Promise.all([
    matchingEnds(sight, query, from),
    store.countEnded(cluster, { namespaces: sight.namespaces, from, spanMs }),
  ]);
  return {
    cluster,
    asOf: new Date(now).toISOString(),
    ended,
    unreadable,
    next,
    totals: {
      recovered: sumOf(counts, 'recovered'),
      gone: sumOf(counts, 'gone'),
      cameBack: sumOf(counts, 'came-back'),
      spanMs,
      spans: spansOf(counts, sight, drawnFrom, now, spanMs),
    },
    namespaces: namespacesOf(counts),
    kept: {
      since: toInstant(since),
      days: config.keepMs / DAY,
      bytes: config.keepBytes,
      inMemory: store.engine === 'memory',
      memoryReason: store.memoryReason || null,
    },
  };
}

async function matchingEnds(
  sight: Sight,
  { filter, before }: EndedQuery,
  from: number,
): Promise<Pick<HistoryPage, 'ended' | 'next' | 'unreadable'>> {
  const terms = parseFilter(filter);
  const text = sqlWords(terms);
  const ended: EndedLoop[] = [];
  let unreadable = 0;
  let cursor = before;
  for (let scanned = 0; scanned < SCAN_MAX; ) {
    const rows = await runtime().store.history(sight.cluster, {
      namespaces: sight.namespaces,
      from,
      limit: BATCH,
      ...(text === '' ? {} : { text }),
      ...(cursor === undefined ? {} : { before: cursor }),
    });
    scanned += rows.length;
    for (const [index, row] of rows.entries()) {
      cursor = row.endedAt;
      try {
        const end = toEnd(row, sight, terms);
        if (end) ended.push(end);
      } catch (error) {
        if (!(error instanceof UnloopError)) throw error;
        unreadable += 1;
        logLine('error', 'history', `${row.loopId} of ${toInstant(row.endedAt)}: ${describeError(error)}`);
      }
      // A page ends between two instants, so that `before` leaves none out.
      if (ended.length >= PAGE && rows[index + 1]?.endedAt !== row.endedAt) {
        const isLast = index === rows.length - 1 && rows.length < BATCH;
        return { ended, unreadable, next: isLast ? null : toInstant(cursor) };
      }
    }
    if (rows.length < BATCH) return { ended, unreadable, next: null };
    await setImmediate();
  }
  return { ended, unreadable, next: toInstant(cursor ?? null) };
}

/**
 * Plain words that a stored row must hold, for the database to leave most rows out; the filter itself is applied afterwards.
 * A word of a state is not in the row, and what JSON escapes would not be found.
 */
function sqlWords(terms: readonly FilterTerm[]): string {
  return terms
    .filter(({ key, negated }) => key === null && !negated)
    .map(({ value }) => value.toLowerCase())
    .filter((value) => /^[a-z0-9.:/@_-]+$/.test(value) && !'came-back'.includes(value))
    .join(' ');
}

/**
 * The end as the viewer may see it; null where the filter leaves it out.
 * @throws UnloopError `store-failed` where the stored row cannot be read
 */
function toEnd(row: StoredEnd, sight: Sight, terms: readonly FilterTerm[]): EndedLoop | null {
  const outcome: Outcome = row.cameBackAt === null ? row.state : 'came-back';
  if (!matchesFilter({ ...shownRow(readStoredRow(row.row), sight), state: outcome }, terms)) return null;
  const {
    strip: _strip,
    nextRestart: _next,
    runningSince: _running,
    ...shown
  } = shownRow(readShownRow(row.row), sight);
  const beganAt = row.firstCrashAt ?? row.since;
  return {
    loop: { ...shown, state: row.state },
    outcome,
    firstCrashAt: toInstant(row.firstCrashAt),
    lastCrashAt: toInstant(row.lastCrashAt),
    crashes: row.crashes,
    failedMs: Math.max(0, (row.lastCrashAt ?? row.endedAt) - Math.min(beganAt, row.since)),
    endedAt: new Date(row.endedAt).toISOString(),
    endedBy: sight.canExplain(row.namespace) ? row.endedBy : null,
    cameBackAt: toInstant(row.cameBackAt),
    cameBack: row.cameBack,
  };
}

function sumOf(counts: readonly EndedCount[], outcome: Outcome): number {
  return counts.reduce((sum, one) => (one.outcome === outcome ? sum + one.count : sum), 0);
}

function namespacesOf(counts: readonly EndedCount[]): HistoryPage['namespaces'] {
  const loops = new Map<string, number>();
  for (const { namespace, count } of counts) loops.set(namespace, (loops.get(namespace) ?? 0) + count);
  return [...loops]
    .map(([name, n]) => ({ name, loops: n }))
    .sort((a, b) => b.loops - a.loops || a.name.localeCompare(b.name));
}

function spansOf(
  counts: readonly EndedCount[],
  sight: Sight,
  from: number,
  now: number,
  spanMs: number,
): HistoryPage['totals']['spans'] {
  const last = now - (now % spanMs);
  const first = Math.max(from - (from % spanMs), last - (SPANS_MAX - 1) * spanMs);
  const spans = new Map<number, Partial<Record<Category, number>>>();
  for (let at = first; at <= last; at += spanMs) spans.set(at, {});
  for (const { at, namespace, category, count } of counts) {
    const span = spans.get(at);
    if (!span) continue;
    const known = (sight.canExplain(namespace) && CATEGORIES.find((one) => one === category)) || 'unknown';
    span[known] = (span[known] ?? 0) + count;
  }
  return [...spans].map(([at, byCategory]) => ({ at: new Date(at).toISOString(), counts: byCategory }));
}
