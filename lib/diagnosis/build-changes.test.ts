import { describe, expect, it } from 'vitest';
import { configChangesOf, configKeys, revisionMarks, rolloutsOf } from './build-changes';
import type { KubeObject } from './evidence-source';

const set = (number: number, hash: string, at: string, image: string, env: object[] = []): KubeObject => ({
  kind: 'ReplicaSet',
  metadata: {
    uid: hash,
    creationTimestamp: at,
    annotations: { 'deployment.kubernetes.io/revision': String(number) },
    labels: { 'pod-template-hash': hash },
  },
  spec: { template: { spec: { containers: [{ name: 'app', image, env }] } } },
});
const map = (changedAt: string, data: Record<string, string>): KubeObject => ({
  kind: 'ConfigMap',
  metadata: { name: 'settings', creationTimestamp: '2026-11-01T00:00:00Z' },
  data,
  changedAt,
});

describe('rolloutsOf', () => {
  const older = set(13, 'aaa', '2026-11-03T09:00:00Z', 'r.example/shop/checkout:2.30.4');
  const newer = set(14, 'bbb', '2026-11-12T13:13:44Z', 'r.example/shop/checkout:2.31.0', [
    { name: 'MODE', value: 'fast' },
  ]);

  it('names the revision, its image and what else differs; the first revision is no rollout', () => {
    expect(rolloutsOf([newer, older], [])).toEqual([
      {
        kind: 'rollout',
        at: Date.parse('2026-11-12T13:13:44Z'),
        short: 'rev 14',
        text: 'rev 14: image checkout:2.31.0, env MODE',
      },
    ]);
  });

  it('dates a rollback by the first pod made of the old revision, not by when that one was created', () => {
    const back = set(15, 'aaa', '2026-11-03T09:00:00Z', 'r.example/shop/checkout:2.30.4');
    const pods = [
      { hash: 'aaa', createdAt: Date.parse('2026-11-12T14:05:00Z') },
      { hash: 'aaa', createdAt: Date.parse('2026-11-04T00:00:00Z') },
    ];
    expect(rolloutsOf([newer, back], pods).map(({ short, at }) => [short, at])).toEqual([
      ['rev 15', Date.parse('2026-11-12T14:05:00Z')],
    ]);
    expect(revisionMarks([newer, back], []).map(({ at }) => at)).toEqual([Date.parse('2026-11-12T13:13:44Z'), null]);
  });
});

describe('configChangesOf', () => {
  const before = new Map([['settings', configKeys(map('', { 'database-url': 'postgres://a', level: 'info' }))]]);

  it('names the keys where the version before was seen, never a value', () => {
    const [change] = configChangesOf(
      [map('2026-11-12T13:13:42Z', { 'db-url': 'postgres://a', level: 'debug' })],
      before,
    );
    expect(change?.text).toBe('ConfigMap settings lost database-url, got db-url, changed level');
  });

  it('says only that it changed where it was not', () => {
    const [change] = configChangesOf([map('2026-11-12T13:13:42Z', { a: 'b' })], new Map());
    expect(change).toMatchObject({ kind: 'config', short: 'settings', text: 'ConfigMap settings changed' });
  });

  it('takes the creation for no change', () => {
    expect(configChangesOf([map('2026-11-01T00:00:00Z', {})], new Map())).toEqual([]);
  });
});
