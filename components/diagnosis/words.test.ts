import { describe, expect, it } from 'vitest';
import { EXAMPLE_NOW, exampleDiagnosis } from './example-diagnosis';
import {
  ago,
  certainty,
  headlineWithout,
  lived,
  nextRestartWords,
  restartsWords,
  runWords,
  sinceWords,
  span,
} from './words';

const [loop] = exampleDiagnosis.loops;
const [verdict] = exampleDiagnosis.verdicts;
const [run] = exampleDiagnosis.runs;
if (!loop || !verdict || !run) throw new Error('the example lost its parts');
const next = loop.nextRestart;
if (!next) throw new Error('the example lost its next restart');

describe('words of a diagnosis', () => {
  it('says how sure it is and on how much', () => {
    expect(certainty(verdict)).toBe('Certain, by three facts');
    expect(certainty({ ...verdict, confidence: 'likely', facts: verdict.facts.slice(0, 1) })).toBe(
      'Most likely, by one fact',
    );
    expect(certainty({ ...verdict, cause: 'unknown' })).toContain('unknown');
  });

  it('says times as a person reads them', () => {
    expect([ago(900), ago(28_000), ago(248_000), ago(3 * 3_600_000), ago(9 * 86_400_000)]).toEqual([
      'just now',
      '28 s ago',
      '4 min ago',
      '3 h ago',
      '9 d ago',
    ]);
    expect(span(12_000_000)).toBe('3 h 20 min');
    expect([lived(0), lived(28_400), lived(248_000)]).toEqual(['0 s', '28 s', '4m8s']);
  });

  it('says since when, with the day where it was another', () => {
    expect(sinceWords(loop, EXAMPLE_NOW)).toBe('looping since 13:16:22 (46 min)');
    expect(sinceWords({ state: 'recovered', since: '2026-11-09T16:21:00.000Z' }, EXAMPLE_NOW)).toBe(
      'recovered, first crash 9 Nov 16:21 (2 d ago)',
    );
  });

  it('prints RESTARTS as kubectl does', () => {
    expect(restartsWords(loop, EXAMPLE_NOW)).toBe('13 (4m8s ago)');
    expect(restartsWords({ restarts: 0, lastRestartAt: null }, EXAMPLE_NOW)).toBe('0');
  });

  it('gives the next restart as a window, or says that it is overdue', () => {
    expect(nextRestartWords(next, EXAMPLE_NOW)).toBe('next restart between 14:03:22 and 14:03:40');
    expect(nextRestartWords({ ...next, overdue: true }, EXAMPLE_NOW)).toBe('next restart overdue since 14:03:40');
  });

  it('does not call a run alive whose end was not seen', () => {
    const open = { ...run, finishedAt: null, exitCode: null };
    expect(runWords({ ...open, log: 'running' }, EXAMPLE_NOW)).toBe('running since 13:16:20');
    expect(runWords({ ...open, log: 'missing' }, EXAMPLE_NOW)).toBe('started 13:16:20, its end was not seen');
    expect(runWords(run, EXAMPLE_NOW)).toBe('exit 1, 13:16:20 to 13:16:22');
  });

  it('has a headline before there is a verdict', () => {
    expect(headlineWithout(exampleDiagnosis, loop)).toBe(
      'checkout keeps exiting with 1. Why is not known yet: collecting evidence…',
    );
    expect(headlineWithout(exampleDiagnosis, { ...loop, state: 'never-started', status: 'ImagePullBackOff' })).toBe(
      'checkout never started: `ImagePullBackOff`.',
    );
    expect(headlineWithout(exampleDiagnosis, undefined)).toBe('No container of checkout is looping.');
  });
});
