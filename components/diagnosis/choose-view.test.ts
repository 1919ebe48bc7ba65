import { describe, expect, it } from 'vitest';
import { parseLog } from '@/components/log/parse-log';
import type { VerdictBody } from '@/lib/contract/diagnosis';
import {
  chooseLoop,
  chooseRun,
  chooseTab,
  decisiveLines,
  decisiveTabs,
  ofLoop,
  openingLog,
  runsOf,
  specLineOf,
  verdictsOf,
} from './choose-view';
import { EXAMPLE_LOG, exampleDiagnosis } from './example-diagnosis';

const [loop] = exampleDiagnosis.loops;
if (!loop) throw new Error('the example lost its loop');
const runs = runsOf(exampleDiagnosis, loop.id);
const [verdict] = verdictsOf(exampleDiagnosis, loop.id);

describe('chooseLoop', () => {
  const sidecar = { ...loop, id: 'x', container: 'proxy', state: 'recovered' as const, pod: 'other' };
  const diagnosis = { loops: [sidecar, loop] };

  it('takes the asked container, else the asked pod, else the worst loop', () => {
    expect(chooseLoop(diagnosis, { container: 'proxy', pod: null })?.container).toBe('proxy');
    expect(chooseLoop(diagnosis, { container: null, pod: 'other' })?.container).toBe('proxy');
    expect(chooseLoop(diagnosis, { container: null, pod: null })?.container).toBe('checkout');
    expect(chooseLoop(diagnosis, { container: 'no such', pod: null })?.container).toBe('checkout');
    expect(chooseLoop({ loops: [] }, { container: null, pod: null })).toBeUndefined();
  });
});

describe('ofLoop', () => {
  it('shows beside a container what was collected about that container alone', () => {
    const evidence = [{ part: 'Log', state: 'missing' as const, text: 'no run of proxy has ended yet' }];
    const basis = { ...exampleDiagnosis.basis, kind: 'none' as const, at: null };
    const collected = [{ loopId: 'proxy', basis, evidence, spec: null, specText: 'not read', eventsText: 'expired' }];
    const own = ofLoop({ ...exampleDiagnosis, collected }, 'proxy');
    expect(own).toMatchObject({ basis, evidence, spec: null, specText: 'not read', eventsText: 'expired', steps: [] });
    expect(ofLoop({ ...exampleDiagnosis, collected }, loop.id).evidence).toBe(exampleDiagnosis.evidence);
  });
});

describe('chooseRun', () => {
  it('opens the run the verdict was read from, although another crashed later', () => {
    expect(runs.at(-1)?.podUid).toBe('uid-m8tqz');
    expect(chooseRun(runs, verdict, loop, null)?.id).toBe('uid-x2x4k.checkout.13');
  });

  it('opens the newest held log of the worst replica where no log was cited', () => {
    const lost = runs.map((run) => (run.restartIndex === 13 ? { ...run, log: 'missing' as const } : run));
    expect(chooseRun(lost, undefined, loop, null)?.id).toBe('uid-x2x4k.checkout.12');
  });

  it('keeps to the asked replica', () => {
    expect(chooseRun(runs, verdict, loop, 'checkout-6d5f9c7b84-m8tqz')?.id).toBe('uid-m8tqz.checkout.13');
  });

  it('falls back to the other replicas where the asked pod has no recorded run', () => {
    expect(chooseRun(runs, verdict, loop, 'checkout-of-last-week')?.id).toBe('uid-x2x4k.checkout.13');
  });

  it('gives a run without a log rather than none, and null without runs', () => {
    const lost = runs.map((run) => ({ ...run, log: 'missing' as const }));
    expect(chooseRun(lost, verdict, loop, null)?.restartIndex).toBe(13);
    expect(chooseRun([], verdict, loop, null)).toBeNull();
  });
});

describe('chooseTab', () => {
  it('opens the culprit, whatever was asked first', () => {
    expect(chooseTab('spec', verdict, runs)).toBe('spec');
    expect(chooseTab(null, verdict, runs)).toBe('logs');
    const spec = { ...verdict, facts: [{ text: '', source: '', value: '', place: { tab: 'spec', path: 'spec' } }] };
    expect(chooseTab(null, spec as VerdictBody, runs)).toBe('spec');
    expect(chooseTab(null, undefined, [])).toBe('events');
  });
});

describe('decisiveTabs', () => {
  it('marks the tabs that hold a fact, a fact of the status under Spec where the YAML has its line', () => {
    expect([...decisiveTabs(verdict, exampleDiagnosis.spec)].sort()).toEqual(['events', 'logs', 'spec']);
    const path = 'status.phase';
    const fact = { text: '', source: '', value: '', place: { tab: 'status' as const, path } };
    const status = verdict && { ...verdict, facts: [fact] };
    expect([...decisiveTabs(status, { yaml: '', pod: '', marks: [{ line: 2, path, text: '' }] })]).toEqual(['spec']);
    expect(decisiveTabs(status, null).has('spec')).toBe(false);
    expect(decisiveTabs(undefined, null).size).toBe(0);
  });
});

describe('openingLog', () => {
  const nothing = {
    pod: null,
    container: null,
    tab: null,
    run: null,
    line: null,
    event: null,
    at: null,
    time: null,
    zoom: null,
  };

  it('is the log the page will show, and none for another tab or the living container', () => {
    expect(openingLog(exampleDiagnosis, nothing)).toMatchObject({
      pod: 'checkout-6d5f9c7b84-x2x4k',
      container: 'checkout',
      run: 'uid-x2x4k.checkout.13',
    });
    expect(openingLog(exampleDiagnosis, { ...nothing, run: 'uid-m8tqz.checkout.2' })?.run).toBe('uid-m8tqz.checkout.2');
    expect(openingLog(exampleDiagnosis, { ...nothing, tab: 'spec' })).toBeNull();
    expect(openingLog(exampleDiagnosis, { ...nothing, run: 'current' })).toBeNull();
    expect(openingLog({ ...exampleDiagnosis, loops: [] }, nothing)).toBeNull();
  });
});

describe('specLineOf', () => {
  const spec = { yaml: '', pod: '', marks: [{ line: 12, path: 'spec.containers[0].envFrom', text: '' }] };

  it('finds the marked line of a path, of what it holds and of what holds it', () => {
    expect(specLineOf(spec, 'spec.containers[0].envFrom')).toBe(12);
    expect(specLineOf(spec, 'spec.containers[0]')).toBe(12);
    expect(specLineOf(spec, 'spec.containers[0].envFrom[0].configMapRef')).toBe(12);
    expect(specLineOf(spec, 'spec.containers[0].envFromOther')).toBeNull();
    expect(specLineOf(null, 'spec')).toBeNull();
  });
});

describe('decisiveLines', () => {
  const lines = ['starting', 'ConfigError: DATABASE_URL is required but not set', 'bye'];
  const lineAt = (no: number) => lines[no - 1] ?? '';
  const verdicts = verdict ? [verdict] : [];

  it('takes the cited line in the cited run and drops one beyond the end', () => {
    expect([...decisiveLines(verdicts, 'uid-x2x4k.checkout.13', 14, lineAt)]).toEqual([9]);
    expect([...decisiveLines(verdicts, 'uid-x2x4k.checkout.13', 3, lineAt)]).toEqual([]);
  });

  it('finds the line in the log of any other run, colours or not', () => {
    const log = parseLog(EXAMPLE_LOG, true);
    const found = decisiveLines(verdicts, 'uid-m8tqz.checkout.2', log.count, (no) => log.row(no - 1)?.plain ?? '');
    expect([...found]).toEqual([9]);
  });

  it('finds the line that says the same in another run', () => {
    expect([...decisiveLines(verdicts, 'uid-m8tqz.checkout.2', 3, lineAt)]).toEqual([2]);
    expect([...decisiveLines([], 'uid-m8tqz.checkout.2', 3, lineAt)]).toEqual([]);
  });
});
