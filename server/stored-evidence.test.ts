import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { exampleLoops } from '@/lib/contract/example-loops';
import type { EvidenceSource } from '@/lib/diagnosis/evidence-source';
import { RULES } from '@/lib/diagnosis/registry';
import { namespaceOfLoop } from '@/lib/domain/loop';
import { LOCAL_VIEWER, SEEN_KINDS, type SeenKind, sightOf } from '@/lib/domain/viewer';
import { readCapture } from '@/server/capture/read-capture';
import { judgeSource, saidOf } from '@/server/evidence/judge-record';
import type { Said } from '@/server/evidence/manifest';
import { packRecord } from '@/server/evidence/pack-record';
import { steadySource } from '@/server/evidence/steady-source';
import { BrokenRules } from '@/server/loops/broken-rules';
import { judgeAnew } from '@/server/loops/judge-anew';
import { LoopTable } from '@/server/loops/loop-table';
import { resume } from '@/server/pipeline/resume';
import { exportEvidence, readEvidence } from '@/server/read/read-evidence';
import { alterStore, onEachEngine } from '@/server/store/test-engines';
import { aDiagnosis, aHeldLog, aLoop, CLUSTER, LOOP } from '@/server/store/test-samples';

const FIXTURE = join(import.meta.dirname, '../lib/diagnosis/rules/env-missing/fires.named-in-log');
const OLD = { cause: 'unknown', confidence: 'possible', what: 'exits 1, cause not found' };
const ASKED = { sight: sightOf(LOCAL_VIEWER, CLUSTER, null), loopId: LOOP, episode: null };

async function example(): Promise<EvidenceSource> {
  const [source] = (await readCapture(FIXTURE)).sources;
  if (!source) throw new Error('the fixture holds nothing');
  return steadySource(source);
}

onEachEngine('stored evidence', (given) => {
  const keep = async (said: (now: Said | null) => Said | null = (now) => now) => {
    const source = await example();
    const { verdicts } = judgeSource(source);
    const previous = source.runs.findLast((run) => run.exitCode !== null)?.id ?? null;
    const logRuns = { previous, current: null, first: null };
    const { manifest, contents } = packRecord({ source, logRuns, said: said(saidOf(verdicts[0])) }, 'with-runs');
    await given.store.record({ cluster: CLUSTER, runs: [], loops: [aLoop()] });
    if (previous !== null && 'value' in source.previousLog)
      await given.store.saveLog(CLUSTER, previous, {
        ...aHeldLog(''),
        state: 'held',
        text: source.previousLog.value,
        fetchedAt: 0,
      });
    await given.store.recordDiagnosis(
      aDiagnosis({ evidence: { at: source.now, manifest: JSON.stringify(manifest), contents, logRuns } }),
    );
    return { source, manifest, verdicts };
  };
  const read = () => readEvidence(given.store, new BrokenRules(), ASKED);
  const change = async (statement: string) => {
    // One process at a time holds an embedded history.
    await given.store.close();
    await alterStore(given.options, statement);
    await given.reopen();
  };

  it('is judged to the same words as when it was collected, with the log of the crash', async () => {
    const { source, verdicts } = await keep();
    const { body, basis } = await read();
    expect(body?.verdicts.map(({ sentence, confidence }) => ({ sentence, confidence }))).toEqual(
      verdicts.map(({ sentence, confidence }) => ({ sentence, confidence })),
    );
    const at = new Date(source.now).toISOString();
    expect(basis).toMatchObject({ kind: 'record', at, saidThen: null, brokenRules: [], problem: '' });
    expect(body?.spec?.yaml).toContain('containers:');
    expect(body?.evidence.find(({ part }) => part === 'Log of the crashed run')?.state).toBe('present');
  });

  it('that other rules judged before is judged anew, and says what was said then', async () => {
    const then: Said = {
      ruleset: 'older',
      cause: 'unknown',
      confidence: 'possible',
      what: 'exits 1',
      sentence: 'api exits 1, and nothing explains it.',
    };
    const { verdicts } = await keep(() => then);
    const { body, basis } = await read();
    expect(basis.saidThen).toEqual(then);
    expect(basis.ruleset).not.toBe('older');
    expect(body?.verdicts[0]?.sentence).toBe(verdicts[0]?.sentence);
  });

  it('that other rules judged before stands on the board as these judge it, after a restart', async () => {
    const workload = { kind: 'Deployment', namespace: 'shop', name: 'api' };
    const own = { id: LOOP, workload, container: 'server', fingerprint: 'old' };
    const row = { ...exampleLoops()[0], ...own, verdict: { ...OLD, category: 'unknown' } };
    const { verdicts } = await keep((now) => now && { ...now, ...OLD, ruleset: 'older' });
    await given.store.record({ cluster: CLUSTER, runs: [], loops: [aLoop({ since: 0, row: JSON.stringify(row) })] });
    const table = new LoopTable();
    const entries = await resume(given.store, CLUSTER, table);
    const [entry] = entries;
    expect(entry?.verdict?.what).toBe(OLD.what);
    const judged: string[] = [];
    const { signal } = new AbortController();
    const context = { cluster: CLUSTER, store: given.store, table, brokenRules: new BrokenRules(), signal };
    await judgeAnew({ ...context, onJudged: ({ id }) => judged.push(id) }, entries);
    expect(judged).toEqual([LOOP]);
    expect(entry?.verdict).toMatchObject({ cause: verdicts[0]?.cause, what: verdicts[0]?.what });
    expect(entry?.fingerprint).not.toBe('old');
    await keep();
    await judgeAnew({ ...context, onJudged: ({ id }) => judged.push(id) }, entries);
    expect(judged).toEqual([LOOP]);
  });

  it('is neither shown nor exported to whoever may not see all that it is made of', async () => {
    await keep();
    const asked = async (kinds: readonly SeenKind[], namespaces: readonly string[] | null) => {
      const viewer = { kind: 'person', name: 'kim', grants: [{ cluster: CLUSTER, namespaces, kinds }] } as const;
      const sight = sightOf(viewer, CLUSTER, null);
      const { body, basis } = await readEvidence(given.store, new BrokenRules(), { ...ASKED, sight });
      return { isShown: body !== null, ...basis, files: (await exportEvidence(given.store, sight, LOOP))?.size ?? 0 };
    };
    expect(await asked(SEEN_KINDS, null)).toMatchObject({ isShown: true, kind: 'record', files: expect.any(Number) });
    expect((await asked(SEEN_KINDS, [namespaceOfLoop(LOOP)])).files).toBeGreaterThan(0);
    const nothing = { isShown: false, kind: 'none', files: 0, problem: expect.stringContaining('whoever may see all') };
    expect(await asked(SEEN_KINDS, ['elsewhere'])).toMatchObject(nothing);
    expect(await asked(['pods', 'events', 'objects'], null)).toMatchObject(nothing);
  });

  it('that is damaged is reported in the answer and in the log, and does not take the page down', async () => {
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const { manifest } = await keep(
      (said) => said && { ...said, what: 'another record, that is judged for the first time' },
    );
    await change(`update part set packing = 0 where name = '${manifest.pod}'`);
    const { body, basis } = await read();
    expect(body).toBeNull();
    expect(basis).toMatchObject({ kind: 'none', problem: expect.stringContaining('its pod cannot be read') });
    expect(stderr.mock.calls.join('')).toContain(`of ${LOOP} in ${CLUSTER}: A record of evidence is damaged`);
    stderr.mockRestore();
  });

  it('of before evidence was kept is shown as it was, and marked', async () => {
    await given.store.record({ cluster: CLUSTER, runs: [], loops: [aLoop()] });
    const verdict = {
      loopId: LOOP,
      ruleId: 'oom-killed',
      cause: 'oom-killed',
      category: 'resource',
      confidence: 'certain',
      what: 'killed at its memory limit',
      sentence: 'api is killed at its memory limit.',
      facts: [],
      steps: [{ kind: 'run', title: 'Look', text: 'Closer.', command: 'kubectl top pod' }],
    };
    const body = { verdicts: [verdict], evidence: [], spec: null, specText: 'not read', eventsText: '' };
    await change(
      `insert into diagnosis (loop_key, at, ruleset_version, body) select key, 1000, '2', '${JSON.stringify(body)}' from loop`,
    );
    const shown = await read();
    expect(shown.basis).toMatchObject({ kind: 'presentation', ruleset: '2', at: '1970-01-01T00:00:01.000Z' });
    expect(shown.body?.verdicts[0]).toMatchObject({
      sentence: verdict.sentence,
      steps: [{ command: 'kubectl top pod' }],
    });

    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    await change(`update diagnosis set body = '{"verdicts":'`);
    expect(await read()).toMatchObject({ body: null, basis: { problem: expect.stringContaining('cannot be read') } });
    stderr.mockRestore();
  });
});

describe('a rule that throws', () => {
  const broken = RULES.map((rule) =>
    rule.id === 'oom-killed'
      ? {
          ...rule,
          detect: () => {
            throw new Error('of another shape');
          },
        }
      : rule,
  );

  it('is named beside the verdicts of the others, counted, and logged once', async () => {
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const source = await example();
    const judged = judgeSource(source, broken);
    expect(judged.broken).toEqual([{ ruleId: 'oom-killed', error: 'of another shape' }]);
    expect(judged.verdicts[0]?.ruleId).toBe('env-missing');
    const noted = new BrokenRules();
    noted.note(LOOP, judged.broken);
    noted.note(LOOP, judged.broken);
    expect([...noted.counts]).toEqual([['oom-killed', 2]]);
    expect(stderr).toHaveBeenCalledTimes(1);
    expect(stderr.mock.calls.join('')).toContain(`oom-killed failed on ${LOOP}: of another shape`);
    stderr.mockRestore();
  });
});
