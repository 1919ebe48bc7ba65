import { describe, expect, it } from 'vitest';
import type { Loop } from '@/lib/contract/loop';
import { StreamFrameSchema } from '@/lib/contract/stream';
import { LOCAL_VIEWER, sightOf } from '@/lib/domain/viewer';
import { type HubView, StreamHub } from './hub';

function loop(namespace: string, name: string): Loop {
  return {
    id: `deployments/${namespace}/${name}/app`,
    workload: { kind: 'Deployment', namespace, name },
    container: 'app',
    containerType: 'app',
    state: 'looping',
    status: 'CrashLoopBackOff',
    restarts: 5,
    lastRestartAt: null,
    pod: `${name}-1`,
    replicas: { failing: 1, total: 1 },
    verdict: null,
    lastExit: null,
    nextRestart: null,
    since: '2026-11-20T14:00:00.000Z',
    runningSince: null,
    change: null,
    nodes: [],
    image: 'x:1',
    strip: [],
  };
}

const TOTALS = {
  looping: 1,
  neverStarted: 0,
  recovered24h: 0,
  replicasFailing: 1,
  replicasTotal: 1,
  pods: 1,
  namespaces: 1,
  crashesPerHour: [],
};
const CLUSTER = {
  id: 'prod',
  server: 'https://prod',
  version: null,
  state: 'live',
  reason: null,
  demo: false,
} as const;
const VIEW: HubView = { totals: () => TOTALS, status: () => ({ coverage: [], cluster: CLUSTER }) };
const ALL = sightOf(LOCAL_VIEWER, 'prod', null);
const ASOF = '2026-11-20T14:00:00.000Z';

function frames(texts: readonly (string | null)[]) {
  return texts.map((text) => StreamFrameSchema.parse(JSON.parse(/^data: (.*)$/m.exec(text ?? '')?.[1] ?? 'null')));
}

describe('StreamHub', () => {
  it('sends a reader only rows of the namespaces asked for, as frames of the contract', () => {
    const hub = new StreamHub(VIEW);
    const all: (string | null)[] = [];
    const shop: (string | null)[] = [];
    hub.subscribe({ sight: ALL, send: (text) => all.push(text) });
    hub.subscribe({ sight: sightOf(LOCAL_VIEWER, 'prod', ['shop']), send: (text) => shop.push(text) });
    hub.publish({ asOf: ASOF, upserts: [loop('shop', 'web'), loop('data', 'sync')], removed: ['jobs/data/gone/app'] });
    hub.publish({ asOf: ASOF, upserts: [loop('data', 'sync')], removed: [] });
    expect(frames(all)).toHaveLength(2);
    const [only] = frames(shop);
    expect(shop).toHaveLength(1);
    expect(only?.kind === 'change' && only.upserts.map((row) => row.workload.name)).toEqual(['web']);
    expect(only?.kind === 'change' && only.removed).toEqual([]);
  });

  it('keeps a hostile name inside one data line', () => {
    const hub = new StreamHub(VIEW);
    const sent: (string | null)[] = [];
    hub.subscribe({ sight: ALL, send: (text) => sent.push(text) });
    hub.publish({
      asOf: ASOF,
      upserts: [{ ...loop('shop', 'web'), status: 'a\n\nevent: hello\ndata: {}' }],
      removed: [],
    });
    expect(sent[0]?.trimEnd().split('\n')).toHaveLength(3);
    expect(frames(sent)[0]?.kind).toBe('change');
  });

  it('ends every stream at shutdown and forgets who left', () => {
    const hub = new StreamHub(VIEW);
    const sent: (string | null)[] = [];
    const leave = hub.subscribe({ sight: ALL, send: () => sent.push('left') });
    hub.subscribe({ sight: ALL, send: (text) => sent.push(text) });
    leave();
    hub.closeAll();
    expect(sent).toEqual([null]);
    expect(hub.readerCount).toBe(0);
  });
});
