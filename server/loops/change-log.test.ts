import { describe, expect, it } from 'vitest';
import type { KubeObject } from '@/lib/diagnosis/evidence-source';
import type { EventSnapshot } from '@/lib/domain/pod-snapshot';
import { knownChanges } from '@/server/view/known-changes';
import { ChangeLog, type ChangeSource, newChanges } from './change-log';

const NOW = Date.parse('2026-11-12T14:02:31Z');
const SINCE = Date.parse('2026-11-12T13:16:22Z');
const NONE = { missing: 'not asked for' };
const source = (change: Partial<ChangeSource>): ChangeSource => ({
  namespace: 'shop',
  revisions: NONE,
  configMaps: NONE,
  pods: [],
  events: [],
  now: NOW,
  ...change,
});
const map = (changedAt: string, data: Record<string, string>): KubeObject => ({
  metadata: { name: 'settings', creationTimestamp: '2026-11-01T00:00:00Z' },
  data,
  changedAt,
});
const told = (reason: string, message: string): EventSnapshot => ({
  uid: message,
  namespace: 'shop',
  name: 'e',
  type: 'Normal',
  reason,
  message,
  involved: { kind: 'ReplicaSet', namespace: 'shop', name: 'checkout-75c8d9f6b9', uid: 'rs' },
  container: '',
  first: SINCE,
  last: SINCE,
  count: 1,
  source: '',
  host: '',
  aggregated: false,
});

describe('ChangeLog', () => {
  it('names the keys of a ConfigMap whose version before it has seen', () => {
    const log = new ChangeLog();
    const seen = log.find(source({ configMaps: { value: [map('2026-11-12T13:00:00Z', { a: '1', b: '2' })] } }));
    expect(seen.map(({ text }) => text)).toEqual(['ConfigMap settings changed']);
    const next = log.find(source({ configMaps: { value: [map('2026-11-12T13:13:42Z', { b: '3' })] } }));
    expect(next.map(({ text }) => text)).toEqual(['ConfigMap settings lost a, changed b']);
    const again = log.find(source({ configMaps: { value: [map('2026-11-12T13:13:42Z', { b: '3' })] } }));
    expect(newChanges(again, [...seen, ...next])).toEqual([]);
  });

  it('reads from events which pods went, and believes only names of their own ReplicaSet', () => {
    const found = new ChangeLog().find(
      source({
        events: [
          told('SuccessfulDelete', 'Deleted pod: checkout-75c8d9f6b9-q7dvm'),
          told('SuccessfulDelete', 'Deleted pod: somebody-else'),
          told('SuccessfulCreate', 'Created pod: checkout-75c8d9f6b9-aaaaa'),
        ],
      }),
    );
    expect(knownChanges(found)).toMatchObject([
      { kind: 'pod-gone', pod: 'checkout-75c8d9f6b9-q7dvm', hash: '75c8d9f6b9' },
    ]);
  });

  it('forgets what is older than two weeks and does not believe the future', () => {
    const log = new ChangeLog();
    const at = (changedAt: string) => log.find(source({ configMaps: { value: [map(changedAt, {})] } }));
    expect(at('2026-11-12T15:00:00Z')).toEqual([]);
    expect(
      log.find(source({ now: NOW + 20 * 86_400_000, configMaps: { value: [map('2026-11-12T13:00:00Z', {})] } })),
    ).toEqual([]);
  });
});
