import { describe, expect, it } from 'vitest';
import { NOTHING_KNOWN } from '@/lib/domain/node-facts';
import { at } from '@/lib/domain/pod-fixture';
import { evaluateEntry, isOnBoard } from './evaluate';
import { crashed, tableOfWeb, well } from './sample-entries';

const NOW = at('12:05:10');
const CONTEXT = { now: NOW, serverMinor: 34, nodes: new Map() };

describe('evaluateEntry', () => {
  it('says how the loop stands and changes nothing of it', () => {
    const { entry } = tableOfWeb(5);
    const before = structuredClone(entry);
    const first = evaluateEntry(entry, [crashed(5)], CONTEXT);
    expect(first.row).toMatchObject({
      id: 'deployments/shop/web/app',
      state: 'looping',
      status: 'CrashLoopBackOff',
      restarts: 4,
      replicas: { failing: 1, total: 1 },
      lastExit: { exitCode: 1, livedMs: 2000 },
      placement: [{ node: 'node-1', failing: 1, total: 1 }],
    });
    expect(entry).toEqual(before);
    expect(evaluateEntry(entry, [crashed(5)], CONTEXT)).toEqual(first);
  });

  it('speaks of the replica that fails, then of the one that restarted most', () => {
    const { entry } = tableOfWeb(5);
    const healthy = well({ uid: 'uid-well', name: 'web-7d4b9c-well0', createdAt: at('12:04:00') });
    const worse = crashed(9, { uid: 'uid-worse', name: 'web-7d4b9c-worse' });
    const leaving = crashed(20, { uid: 'uid-old', name: 'web-7d4b9c-old00', deletedAt: at('12:04:00') });
    expect(evaluateEntry(entry, [healthy, crashed(5), worse, leaving], CONTEXT).pod?.uid).toBe('uid-worse');
    expect(evaluateEntry(entry, [worse, leaving, crashed(5), healthy], CONTEXT).pod?.uid).toBe('uid-worse');
  });

  it('names the image of the replica that it speaks of', () => {
    const { entry } = tableOfWeb(5);
    const [spec] = crashed(5).specContainers;
    const older = well({ uid: 'uid-old', specContainers: spec ? [{ ...spec, image: 'registry.example/app:0' }] : [] });
    for (const pods of [
      [older, crashed(5)],
      [crashed(5), older],
    ])
      expect(evaluateEntry(entry, pods, CONTEXT).row?.image).toBe('registry.example/app:1');
  });

  it('waits for the next restart as long as the facts of the node say', () => {
    const { entry } = tableOfWeb(5);
    const unnamed = (nodes: typeof CONTEXT.nodes) =>
      evaluateEntry({ ...entry, announced: new Map() }, [crashed(5, {}, '')], { ...CONTEXT, nodes }).row?.nextRestart;
    const fit = { ...NOTHING_KNOWN.fit, params: { baseMs: 1_000, capMs: 60_000 } };
    const short = unnamed(new Map([['node-1', { kubeletMinor: 34, fit }]]));
    expect(Date.parse(short?.from ?? '')).toBeLessThan(Date.parse(unnamed(new Map())?.from ?? ''));
  });

  it('gives no row of a container that fails no more than once', () => {
    const { entry } = tableOfWeb(0);
    expect(evaluateEntry(entry, [well()], CONTEXT)).toMatchObject({ standing: null, row: null });
  });
});

describe('isOnBoard', () => {
  it('keeps what fails, and what ended for a while', () => {
    const hours = (n: number) => NOW + n * 3_600_000;
    const ended = (state: 'recovered' | 'gone') => ({ state, since: NOW, enteredAt: NOW });
    expect(isOnBoard({ state: 'looping', since: 0 }, NOW)).toBe(true);
    expect(isOnBoard(ended('recovered'), hours(1.9))).toBe(true);
    expect(isOnBoard(ended('recovered'), hours(2.1))).toBe(false);
    expect(isOnBoard(ended('gone'), hours(1.1))).toBe(false);
    expect(isOnBoard(null, NOW)).toBe(false);
  });
});
