import { loopId, type Run, runId, type Workload } from '@/lib/domain/loop';
import type { EventSnapshot } from '@/lib/domain/pod-snapshot';
import type { DiagnosisBatch, StoredEvidence, StoredLog, StoredLoop } from './store';

export const CLUSTER = 'kind-dev';
export const T0 = Date.UTC(2026, 2, 1, 12, 0, 0);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const API: Workload = { kind: 'Deployment', namespace: 'shop', name: 'api' };
export const LOOP = loopId(API, 'server');
export const OTHER_LOOP = loopId({ ...API, namespace: 'billing', name: 'invoices' }, 'worker');

/** The `n`-th run of the API's only pod: it lived 20 s and ended `n` minutes after T0 with exit code 1. */
export function aRun(n: number, changes: Partial<Run> = {}): Run {
  const containerId = `containerd://${n.toString(16).padStart(16, '0')}${'ab'.repeat(24)}`;
  const podUid = changes.podUid ?? '7a1f6f0e-2f0b-4f5e-9a3d-0c1d2e3f4a5b';
  return {
    id: runId(podUid, 'server', containerId, String(n)),
    loopId: LOOP,
    podUid,
    podName: 'api-7c9d8b6f5-x2x4z',
    namespace: 'shop',
    container: 'server',
    containerType: 'app',
    containerId,
    restartIndex: n,
    startedAt: T0 + n * MINUTE - 20_000,
    finishedAt: T0 + n * MINUTE,
    exitCode: 1,
    reason: 'Error',
    message: '',
    nodeName: 'worker-1',
    image: 'registry.example/shop/api:1.4.1',
    missedBefore: 0,
    observedAt: T0 + n * MINUTE + 300,
    ...changes,
  };
}

/** The `n`-th run, still running. */
export function aRunningRun(n: number, changes: Partial<Run> = {}): Run {
  return aRun(n, { finishedAt: null, exitCode: null, reason: '', observedAt: null, ...changes });
}

export function aLoop(changes: Partial<StoredLoop> = {}): StoredLoop {
  return {
    cluster: CLUSTER,
    id: LOOP,
    namespace: 'shop',
    state: 'looping',
    cause: 'app-exception',
    category: 'application',
    since: T0,
    lastCrashAt: T0,
    endedAt: null,
    updatedAt: T0,
    crashes: 1,
    row: '{"state":"looping"}',
    ...changes,
  };
}

export function aHeldLog(head: string): StoredLog {
  return { state: 'held', text: { head, tail: '', skippedLines: 0, stamped: false }, fetchedAt: T0 };
}

export function anEvent(changes: Partial<EventSnapshot> = {}): EventSnapshot {
  return {
    uid: 'e-1',
    namespace: 'shop',
    name: 'api-7c9d8b6f5-x2x4z.18',
    type: 'Warning',
    reason: 'BackOff',
    message: 'Back-off restarting failed container server in pod api-7c9d8b6f5-x2x4z',
    involved: { kind: 'Pod', namespace: 'shop', name: 'api-7c9d8b6f5-x2x4z', uid: 'u' },
    container: 'server',
    first: T0,
    last: T0 + MINUTE,
    count: 3,
    source: 'kubelet',
    host: 'worker-1',
    aggregated: false,
    ...changes,
  };
}

/** What a look at the API's loop found; nothing but what is given. */
export function aDiagnosis(changes: Partial<DiagnosisBatch> = {}): DiagnosisBatch {
  return { cluster: CLUSTER, loopId: LOOP, evidence: null, events: [], changes: [], ...changes };
}

/** A record of evidence with parts whose names are their own texts. */
export function someEvidence(at: number, parts: readonly string[], logRuns = NO_RUNS): StoredEvidence {
  return { at, manifest: JSON.stringify({ at, parts }), contents: new Map(parts.map((part) => [part, part])), logRuns };
}

const NO_RUNS: StoredEvidence['logRuns'] = { previous: null, first: null };
