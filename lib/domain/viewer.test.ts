import { describe, expect, it } from 'vitest';
import { canSee, canSeeCluster, LOCAL_VIEWER, SEEN_KINDS, type SeenKind, sightOf, type Viewer } from './viewer';

const ONE_NAMESPACE: Viewer = {
  kind: 'person',
  name: 'kim',
  grants: [{ cluster: 'prod', namespaces: ['shop'], kinds: SEEN_KINDS }],
};
const PODS_EVERYWHERE: Viewer = {
  kind: 'person',
  name: 'lee',
  grants: [
    { cluster: 'prod', namespaces: null, kinds: ['pods'] },
    { cluster: 'prod', namespaces: ['shop', 'data'], kinds: ['pods/log', 'events'] },
    { cluster: 'prod', namespaces: ['shop'], kinds: ['objects'] },
  ],
};
const NOBODY: Viewer = { kind: 'person', name: 'max', grants: [] };

describe('canSee', () => {
  it.each<[string, Viewer, string, string | null, SeenKind, boolean]>([
    ['the local viewer: a pod anywhere', LOCAL_VIEWER, 'prod', 'billing', 'pods', true],
    ['the local viewer: a log of another cluster', LOCAL_VIEWER, 'test', 'shop', 'pods/log', true],
    ['the own namespace', ONE_NAMESPACE, 'prod', 'shop', 'pods/log', true],
    ['another namespace', ONE_NAMESPACE, 'prod', 'billing', 'pods', false],
    ['a namespace that begins alike', ONE_NAMESPACE, 'prod', 'shop-2', 'pods', false],
    ['the whole cluster', ONE_NAMESPACE, 'prod', '*', 'pods', false],
    ['anything of the cluster', ONE_NAMESPACE, 'prod', null, 'events', true],
    ['the namespace of that name in another cluster', ONE_NAMESPACE, 'test', 'shop', 'pods', false],
    ['anything of another cluster', ONE_NAMESPACE, 'test', null, 'pods', false],
    ['pods everywhere: any namespace', PODS_EVERYWHERE, 'prod', 'billing', 'pods', true],
    ['pods everywhere: no log there', PODS_EVERYWHERE, 'prod', 'billing', 'pods/log', false],
    ['pods everywhere: logs where granted', PODS_EVERYWHERE, 'prod', 'data', 'pods/log', true],
    ['pods everywhere: no objects where only logs are granted', PODS_EVERYWHERE, 'prod', 'data', 'objects', false],
    ['no grant', NOBODY, 'prod', 'shop', 'pods', false],
    ['no grant: anything', NOBODY, 'prod', null, 'pods', false],
  ])('%s', (_, viewer, cluster, namespace, kind, expected) => {
    expect(canSee(viewer, { cluster, namespace, kind })).toBe(expected);
  });

  it('decides whether a cluster is there at all', () => {
    expect(canSeeCluster(LOCAL_VIEWER, 'test')).toBe(true);
    expect(canSeeCluster(ONE_NAMESPACE, 'prod')).toBe(true);
    expect(canSeeCluster(ONE_NAMESPACE, 'test')).toBe(false);
    expect(canSeeCluster(NOBODY, 'prod')).toBe(false);
  });
});

describe('sightOf', () => {
  it.each<[string, Viewer, string[] | null, string[] | null]>([
    ['all for the local viewer', LOCAL_VIEWER, null, null],
    ['what the local viewer asks for', LOCAL_VIEWER, ['shop', 'data'], ['data', 'shop']],
    ['what is granted where all is asked for', ONE_NAMESPACE, null, ['shop']],
    ['what is asked for and granted', ONE_NAMESPACE, ['billing', 'shop'], ['shop']],
    ['nothing where only others are asked for', ONE_NAMESPACE, ['billing'], []],
    ['all where pods are granted everywhere', PODS_EVERYWHERE, null, null],
    ['nothing without a grant', NOBODY, null, []],
  ])('shows %s', (_, viewer, asked, expected) => {
    const sight = sightOf(viewer, 'prod', asked);
    expect(sight.namespaces).toEqual(expected);
    for (const namespace of ['shop', 'data', 'billing'])
      expect(sight.shows(namespace)).toBe(expected === null || expected.includes(namespace));
  });

  it('explains only where all that a diagnosis stands on may be seen', () => {
    expect(['shop', 'data', 'billing'].filter(sightOf(PODS_EVERYWHERE, 'prod', null).canExplain)).toEqual(['shop']);
    expect(sightOf(LOCAL_VIEWER, 'prod', null).canExplain('billing')).toBe(true);
  });

  it('has one key for those who see the same, and another for everybody else', () => {
    const keys = [LOCAL_VIEWER, ONE_NAMESPACE, PODS_EVERYWHERE, NOBODY].flatMap((viewer) =>
      [null, ['data', 'shop']].map((asked) => sightOf(viewer, 'prod', asked).key),
    );
    // Whoever may see one namespace sees the same of two that are asked for.
    expect(new Set(keys).size).toBe(6);
    expect(sightOf({ ...ONE_NAMESPACE, name: 'pat' }, 'prod', null).key).toBe(sightOf(ONE_NAMESPACE, 'prod', null).key);
    expect(sightOf(LOCAL_VIEWER, 'prod', ['b', 'a']).key).toBe(sightOf(LOCAL_VIEWER, 'prod', ['a', 'b']).key);
  });
});
