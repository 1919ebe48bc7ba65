import { describe, expect, it } from 'vitest';
import { EXAMPLE_NOW, exampleDiagnosis } from '@/components/diagnosis/example-diagnosis';
import type { EventBody } from '@/lib/contract/diagnosis';
import { changeMarks, eventMarks, placeMarks, probeMarks, probeSay } from './side-lanes';
import { storyOf } from './story';
import { tracksOf } from './track';

const [loop] = exampleDiagnosis.loops;
const [timeline] = exampleDiagnosis.timelines;
const [event] = exampleDiagnosis.events;
if (!loop || !timeline || !event) throw new Error('the example lost its loop');
const tracks = tracksOf(timeline, loop);
const view = { from: Date.parse('2026-11-12T13:11:00Z'), to: Date.parse('2026-11-12T14:05:00Z') };
const told = (change: Partial<EventBody>): EventBody => ({ ...event, container: 'checkout', ...change });

describe('changeMarks', () => {
  it('makes one mark of what was changed together, and marks what came before the first crash', () => {
    expect(changeMarks(timeline.changes, view).map(({ tone, text }) => [tone, text])).toEqual([
      ['decisive', 'checkout-config and rev 14, before the first crash'],
      ['change', 'ConfigMap checkout-config changed LOG_LEVEL'],
    ]);
  });
});

describe('probeMarks', () => {
  const events = [
    told({
      uid: 'a',
      reason: 'Unhealthy',
      message: 'Liveness probe failed: 500',
      first: '2026-11-12T13:20:00.000Z',
      last: '2026-11-12T13:50:00.000Z',
      count: 24,
    }),
    told({
      uid: 'b',
      reason: 'Killing',
      message: 'Container checkout failed liveness probe, will be restarted',
      first: '2026-11-12T13:20:30.000Z',
      last: '2026-11-12T13:20:30.000Z',
      count: 1,
      type: 'Normal',
    }),
    told({ uid: 'c', reason: 'Killing', message: 'Stopping container checkout', count: 1, type: 'Normal' }),
    told({ uid: 'd', reason: 'Unhealthy', message: 'Liveness probe failed: 500', container: 'sidecar' }),
  ];

  it('keeps failures and kills of this container apart, a series as a band', () => {
    const marks = probeMarks(events, 'checkout');
    expect(marks.map(({ text, from, to }) => [text, to > from])).toEqual([
      ['liveness failed 24 times', true],
      ['killed once', false],
    ]);
    expect(eventMarks(events, 'checkout')).toEqual([]);
  });

  it('says why none is there', () => {
    expect(probeSay(timeline, tracks)).toBe('none ran: a run ends after 2s, the first probe comes at 5s');
    expect(probeSay({ probes: [] }, tracks)).toBe('none is set');
    expect(probeSay({ probes: null }, tracks)).toBe('the spec was not read yet');
  });
});

describe('eventMarks', () => {
  it('shows a reason once, with its count', () => {
    expect(eventMarks(exampleDiagnosis.events, 'checkout').map(({ text }) => text)).toEqual([
      'BackOff 431 times',
      'ProgressDeadlineExceeded',
    ]);
  });
});

describe('placeMarks', () => {
  it('never lays words over each other, and leaves out what is not in view', () => {
    const placed = placeMarks(eventMarks(exampleDiagnosis.events, 'checkout'), view);
    expect(placed.map(({ text, row, words }) => [text, row, words])).toEqual([
      ['ProgressDeadlineExceeded', 0, 'right'],
      ['BackOff 431 times', 1, 'inside'],
    ]);
    expect(placeMarks(eventMarks(exampleDiagnosis.events, 'checkout'), { from: 0, to: 1 })).toEqual([]);
  });

  it('keeps marks beyond the last row as shapes without words', () => {
    const crowd = Array.from({ length: 9 }, (_, i) => ({
      key: `${i}`,
      tone: 'change' as const,
      from: view.from + 20_000 + i * 1_000,
      to: view.from + 20_000 + i * 1_000,
      text: 'a change with many words to say about it',
      title: '',
    }));
    const placed = placeMarks(crowd, view);
    expect(placed).toHaveLength(9);
    expect(placed.filter(({ words }) => words !== 'none').length).toBeLessThanOrEqual(3);
  });
});

describe('storyOf', () => {
  it('tells what was changed, how often it crashed since and how long it lived', () => {
    expect(storyOf(timeline, tracks, loop, EXAMPLE_NOW)).toBe(
      '13:13:42 ConfigMap checkout-config lost DATABASE_URL, got DB_URL. 13:13:44 rev 14: image checkout:2.31.0. The first crash came 2m38s later. 28 recorded crashes in 2 replicas of 3: each of the last 14 runs lived 2s, it ends as soon as it starts.',
    );
  });

  it('names the change that came before a loop recovered, and says so where none is known', () => {
    const [first, ...rest] = timeline.lanes;
    if (!first) throw new Error('no lane');
    const alive = {
      ...first,
      next: null,
      runs: [
        [14, Date.parse('2026-11-12T13:45:00Z') / 1000, null, null, 0, null, 0, false] as (typeof first.runs)[number],
      ],
    };
    const changes = timeline.changes.map((change, i) => (i === 2 ? { ...change, role: 'ended' as const } : change));
    const recovered = { ...timeline, changes, lanes: [alive, ...rest] };
    const state = { ...loop, state: 'recovered' as const };
    expect(storyOf(recovered, tracksOf(recovered, loop), state, EXAMPLE_NOW)).toContain(
      'It runs well again since 13:45:00, 4m50s after ConfigMap checkout-config changed LOG_LEVEL (13:40:10).',
    );
    expect(storyOf({ ...recovered, changes: [] }, tracksOf(recovered, loop), state, EXAMPLE_NOW)).toContain(
      'nothing is known to have changed before that',
    );
  });
});
