import { describe, expect, it } from 'vitest';
import { exampleLoops } from '@/lib/contract/example-loops';
import type { Loop } from '@/lib/contract/loop';
import { groupItems, type LoopGroup, placeTable, placeWords, plainItems, summarize } from './group-loops';

const [model] = exampleLoops();
const NONE: ReadonlySet<string> = new Set();

function loop(name: string, over: Partial<Loop> = {}): Loop {
  if (!model) throw new Error('there is no example');
  return {
    ...model,
    id: `deployments/shop/${name}/${name}`,
    workload: { kind: 'Deployment', namespace: 'shop', name },
    state: 'looping',
    ...over,
  };
}

const shown = (loops: readonly Loop[], open: ReadonlySet<string> = NONE) =>
  groupItems(loops, new Map(), open).map((item) =>
    item.kind === 'loop' ? (item.isMember ? `- ${item.loop.workload.name}` : item.loop.workload.name) : item.id,
  );

describe('groupItems', () => {
  const loops = [
    loop('a', { fingerprint: 'x' }),
    loop('b', { fingerprint: 'y' }),
    loop('c', { fingerprint: 'x' }),
    loop('d', { fingerprint: null }),
    loop('e'),
  ];

  it('puts one failure into one line, in the place of the first of it', () => {
    expect(shown(loops)).toEqual(['group x', 'b', 'd', 'e']);
  });

  it('opens a group in its place, and the rest keeps its order', () => {
    expect(shown(loops, new Set(['x']))).toEqual(['group x', 'places x', '- a', '- c', 'b', 'd', 'e']);
    expect(plainItems(loops).map(({ id }) => id)).toEqual(loops.map(({ id }) => id));
  });

  it('leaves out what has ended, and a group that is left with one', () => {
    expect(shown([loop('a', { fingerprint: 'x' }), loop('c', { fingerprint: 'x', state: 'recovered' })])).toEqual([
      'a',
      'c',
    ]);
  });

  it('keeps who belongs together while the order is held, and shows what they are now', () => {
    const now = new Map([[loop('c').id, loop('c', { fingerprint: 'z', restarts: 99 })]]);
    const [first] = groupItems(loops, now, NONE);
    expect(first).toMatchObject({ kind: 'group', group: { fingerprint: 'x' } });
    expect(first?.kind === 'group' && first.group.loops.map(({ restarts }) => restarts)).toContain(99);
  });
});

describe('summarize', () => {
  it('adds replicas up, and takes the surest verdict, the oldest beginning and a change only where all had it', () => {
    const change = { kind: 'rollout', at: null, text: 'rev 9' };
    const verdict = (confidence: 'likely' | 'certain') =>
      ({ cause: 'oom-killed', category: 'resource', confidence, what: confidence }) as const;
    const summary = summarize({
      fingerprint: 'x',
      loops: [
        loop('a', {
          replicas: { failing: 2, total: 3 },
          since: '2026-11-11T14:00:00.000Z',
          verdict: verdict('likely'),
          change,
          restarts: 1,
        }),
        loop('b', {
          replicas: { failing: 1, total: 1 },
          since: '2026-11-11T13:00:00.000Z',
          verdict: verdict('certain'),
          change: null,
          restarts: 7,
        }),
      ],
    });
    expect(summary).toMatchObject({
      failing: 3,
      total: 4,
      since: '2026-11-11T13:00:00.000Z',
      change: null,
      verdict: { what: 'certain' },
      busiest: { restarts: 7 },
    });
  });
});

describe('where a group fails', () => {
  const group = (...placements: NonNullable<Loop['placement']>[]): LoopGroup => ({
    fingerprint: 'x',
    loops: placements.map((placement, index) => loop(`w${index}`, { placement })),
  });
  const at = (node: string, failing: number, total = failing) => ({ node, failing, total });

  it('tells one node from everywhere', () => {
    expect(placeWords(group([at('node-7', 2), at('node-1', 0, 1)], [at('node-7', 1)]))).toBe(
      'All 3 that fail are on node-7, and none of those on 1 other node: look at this node first.',
    );
    expect(placeWords(group([at('node-1', 1), at('node-2', 1)], [at('node-2', 1)]))).toBe(
      'It fails on all 2 nodes where it runs: not a matter of one node.',
    );
    expect(placeWords(group([at('node-1', 1), at('node-2', 1), at('node-3', 0, 2)]))).toBe(
      'It fails on 2 of 3 nodes: on the others its replicas run.',
    );
    expect(placeWords(group([at('node-1', 1)], [at('node-1', 1)]))).toMatch(/this does not tell node from program/);
    expect(placeWords(group([], []))).toBe('');
  });

  it('sets workloads against nodes, the worst node first', () => {
    const table = placeTable(group([at('node-1', 1, 2)], [at('node-2', 3), at('node-1', 0, 1)]));
    expect(table.nodes).toEqual(['node-2', 'node-1']);
    expect(table.rows.map(({ cells }) => cells.map((cell) => cell && `${cell.failing}/${cell.total}`))).toEqual([
      [null, '1/2'],
      ['3/3', '0/1'],
    ]);
    expect(table.hidden).toBe(0);
    const many = placeTable(group(Array.from({ length: 20 }, (_, index) => at(`node-${index}`, 1))));
    expect([many.nodes.length, many.hidden]).toEqual([12, 8]);
  });
});
