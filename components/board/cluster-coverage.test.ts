import { describe, expect, it } from 'vitest';
import { EXAMPLE_NOW, examplePage } from '@/lib/contract/example-loops';
import { hasSeenPods, seenLines, unseenParts } from './cluster-coverage';

const page = examplePage();

describe('what is watched, and what is not', () => {
  it('says how much is watched and since when', () => {
    expect(seenLines(page, EXAMPLE_NOW)[0]).toMatchObject({
      title: 'Pods',
      iconWords: 'seen',
      text: '1,284 pods in 23 namespaces, watched since 09:14 UTC (4h48m)',
    });
  });

  it('names what is forbidden, where, in the words of the server', () => {
    expect(seenLines(page, EXAMPLE_NOW).at(-1)).toMatchObject({
      title: 'Pods/log in vault',
      iconWords: 'not seen',
      text: expect.stringMatching(/^Forbidden: .* Grant get on pods\/log in vault\.$/),
    });
    expect(unseenParts(page).map((part) => part.namespace)).toEqual(['vault']);
  });

  it('never takes a cluster that was not read for one where nothing loops', () => {
    expect(hasSeenPods(page)).toBe(true);
    const pods = (state: 'syncing' | 'forbidden' | 'stale') =>
      hasSeenPods({ coverage: [{ resource: 'pods', namespace: '*', state, text: '', since: null }] });
    expect([pods('syncing'), pods('forbidden'), pods('stale')]).toEqual([false, false, true]);
    expect(hasSeenPods({ coverage: [] })).toBe(false);
  });
});
