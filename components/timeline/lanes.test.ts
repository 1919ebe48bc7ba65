import { describe, expect, it } from 'vitest';
import { EXAMPLE_NOW, exampleDiagnosis } from '@/components/diagnosis/example-diagnosis';
import type { RunBody } from '@/lib/contract/diagnosis';
import type { Loop } from '@/lib/contract/loop';
import { type LaneInput, layOutLanes, shortPodName } from './lanes';
import { ticksBetween } from './time-axis';

const [exampleLoop] = exampleDiagnosis.loops;
const [exampleRun] = exampleDiagnosis.runs;
if (!exampleLoop || !exampleRun) throw new Error('the example lost its loop');
const loop: Loop = exampleLoop;

const input = (change: Partial<LaneInput> = {}): LaneInput => ({
  loop,
  runs: exampleDiagnosis.runs,
  pods: exampleDiagnosis.pods,
  now: EXAMPLE_NOW,
  selectedRun: null,
  ...change,
});
const run = (change: Partial<RunBody>): RunBody => ({ ...exampleRun, ...change });
const marks = (path: string) => path.split('M').length - 1;

describe('layOutLanes', () => {
  it('gives the worst replica first and the healthy one last', () => {
    const chart = layOutLanes(input());
    expect(chart.lanes.map((lane) => [lane.short, lane.note.text])).toEqual([
      ['x2x4k', '13 restarts'],
      ['m8tqz', '13 restarts'],
      ['k4w9p', 'ready'],
    ]);
    expect(chart.lanes[2]?.say).toBe('no crash seen');
  });

  it('draws every run, every crash and every wait once, the last wait up to now', () => {
    const [lane] = layOutLanes(input()).lanes;
    expect(marks(lane?.runs ?? '')).toBe(14);
    expect(marks(lane?.crashes ?? '')).toBe(14);
    expect(marks(lane?.waits ?? '')).toBe(14);
    expect(lane?.ends).toHaveLength(14);
  });

  it('draws the next restart in the lane it is known for, and in no other', () => {
    const chart = layOutLanes(input());
    expect(chart.lanes.map((lane) => lane.next !== '')).toEqual([true, false, false]);
    expect(chart.to).toBeGreaterThan(Date.parse('2026-11-12T14:03:40.000Z'));
    const none = layOutLanes(input({ loop: { ...loop, nextRestart: null } }));
    expect(none.lanes.some((lane) => lane.next !== '')).toBe(false);
  });

  it('draws restarts that nobody saw as missed and not as a wait', () => {
    const runs = [
      run({ id: 'a', startedAt: '2026-11-12T13:20:00Z', finishedAt: '2026-11-12T13:20:02Z' }),
      run({
        id: 'b',
        restartIndex: 4,
        missedBefore: 3,
        startedAt: '2026-11-12T13:50:00Z',
        finishedAt: '2026-11-12T13:50:02Z',
      }),
    ];
    const [lane] = layOutLanes(input({ runs })).lanes;
    expect(marks(lane?.missed ?? '')).toBe(1);
    expect(marks(lane?.waits ?? '')).toBe(1);
    expect(lane?.words).toContainEqual(expect.objectContaining({ kind: 'missed', text: '3 missed' }));
    expect(lane?.aria).toContain('3 more restarts not seen');
  });

  it('does not wait on for a loop that recovered or a pod that is gone', () => {
    const recovered = layOutLanes(input({ loop: { ...loop, state: 'recovered', nextRestart: null } }));
    expect(marks(recovered.lanes[0]?.waits ?? '')).toBe(13);
    const gone = layOutLanes(input({ pods: exampleDiagnosis.pods.map((pod) => ({ ...pod, alive: false })) }));
    expect(gone.lanes[0]?.note.text).toBe('gone');
    expect(marks(gone.lanes[0]?.waits ?? '')).toBe(13);
  });

  it('draws a living run up to now', () => {
    const chart = layOutLanes(
      input({ runs: [run({ finishedAt: null, exitCode: null, log: 'running', startedAt: '2026-11-12T14:00:00Z' })] }),
    );
    const end = Number(/H([\d.]+)/.exec(chart.lanes[0]?.runs ?? '')?.[1]);
    expect(end).toBeCloseTo((EXAMPLE_NOW - chart.from) / 1000, 0);
    expect(chart.lanes[0]?.crashes).toBe('');
  });

  it('does not draw on a run whose end nobody saw, nor invent the wait after it', () => {
    const runs = [
      run({ id: 'a', finishedAt: null, exitCode: null, log: 'missing', startedAt: '2026-11-12T13:20:00Z' }),
      run({ id: 'b', restartIndex: 1, startedAt: '2026-11-12T13:40:00Z', finishedAt: '2026-11-12T13:40:02Z' }),
    ];
    const [lane] = layOutLanes(input({ runs })).lanes;
    expect(marks(lane?.missed ?? '')).toBe(1);
    expect(marks(lane?.waits ?? '')).toBe(1);
    expect(marks(lane?.crashes ?? '')).toBe(1);
  });

  it('draws an end whose start is unknown without inventing a run', () => {
    const [lane] = layOutLanes(input({ runs: [run({ startedAt: null, livedMs: null })] })).lanes;
    expect(lane?.runs).toBe('');
    expect(marks(lane?.crashes ?? '')).toBe(1);
  });

  it('lets a first run of days enter from the left instead of squeezing the loop', () => {
    const runs = [
      run({ id: 'long', startedAt: '2026-11-01T00:00:00Z', finishedAt: '2026-11-12T13:16:22Z' }),
      run({ id: 'short', restartIndex: 1, startedAt: '2026-11-12T13:17:00Z', finishedAt: '2026-11-12T13:17:02Z' }),
    ];
    const chart = layOutLanes(input({ runs }));
    expect(chart.from).toBeGreaterThan(Date.parse('2026-11-12T12:50:00Z'));
    expect(chart.lanes[0]?.runs.startsWith('M0 ')).toBe(true);
  });

  it('says that a container never started instead of showing an empty lane', () => {
    const chart = layOutLanes(
      input({
        runs: [],
        loop: { ...loop, state: 'never-started', status: 'ImagePullBackOff', lastExit: null, nextRestart: null },
        pods: exampleDiagnosis.pods.slice(0, 1).map((pod) => ({ ...pod, status: 'ImagePullBackOff', restarts: 0 })),
      }),
    );
    expect(chart.lanes[0]?.say).toBe('never started: ImagePullBackOff since 13:16:22');
    expect(chart.lanes[0]?.idle).not.toBe('');
    expect(chart.has.missed).toBe(false);
  });

  it('puts no word over another, and the selected run’s code before all', () => {
    const selected = exampleDiagnosis.runs[1];
    const [lane] = layOutLanes(input({ selectedRun: selected?.id ?? null })).lanes;
    const ends = lane?.ends.find((end) => end.runId === selected?.id);
    expect(lane?.words.some((word) => word.kind === 'exit' && word.left === ends?.left)).toBe(true);
    const lefts = (lane?.words ?? []).map((word) => word.left).sort((a, b) => a - b);
    for (let index = 1; index < lefts.length; index += 1) {
      expect((lefts[index] ?? 0) - (lefts[index - 1] ?? 0)).toBeGreaterThan(2);
    }
  });
});

describe('shortPodName', () => {
  it('cuts what the workload’s name says already', () => {
    expect(shortPodName('checkout-6d5f9c7b84-x2x4k', { kind: 'Deployment', name: 'checkout' })).toBe('x2x4k');
    expect(shortPodName('db-0', { kind: 'StatefulSet', name: 'db' })).toBe('db-0');
    expect(shortPodName('debug', { kind: 'Pod', name: 'debug' })).toBe('debug');
  });
});

describe('ticksBetween', () => {
  it('gives a few round times, whatever the span', () => {
    const from = Date.parse('2026-11-12T13:11:00Z');
    expect(ticksBetween(from, from + 54 * 60_000).map((tick) => tick.text)).toEqual([
      '13:20',
      '13:30',
      '13:40',
      '13:50',
      '14:00',
    ]);
    expect(ticksBetween(from, from + 20_000)[0]?.text).toBe('13:11:00');
    expect(ticksBetween(from, from + 5 * 86_400_000)[0]?.text).toBe('13 Nov');
    for (const span of [1000, 60_000, 3_600_000, 86_400_000, 400 * 86_400_000]) {
      expect(ticksBetween(from, from + span).length).toBeLessThan(20);
    }
  });
});
