import { afterEach, expect, it, vi } from 'vitest';
import { PLANTED } from '@/lib/domain/redact/planted';
import { sightOf } from '@/lib/domain/viewer';
import { readConfig } from './config';
import { targetFromServer } from './kubernetes/cluster-targets';
import { FakeApiServer, sendJson } from './kubernetes/testing/fake-api-server';
import { backOffEvent, crashingPod } from './kubernetes/testing/sample-objects';
import { until } from './kubernetes/testing/until';
import { logLine } from './log';
import { ClusterPipeline } from './pipeline/cluster-pipeline';
import { operatorContext, readContext } from './read/context';
import { getDiagnosis } from './read/get-diagnosis';
import { getRunLog } from './read/get-log';
import { listHistory } from './read/list-history';
import { listLoops } from './read/list-loops';
import { listPods } from './read/list-pods';
import { metricsText } from './read/metrics-text';
import { exportEvidence } from './read/read-evidence';
import { runtimeSlot } from './runtime-slot';
import { onEachEngine } from './store/test-engines';

const CLUSTER = 'planted';
const NAME = 'web-5d9c7b8f6d-abcde';
/** Two lines of YAML that only together say what the second holds are no line of a log. */
const LOGGED = PLANTED.filter(({ text }) => !text.startsWith('env:\n'));

/** A bare pod in a crash loop that holds a secret in every field that takes free text. */
function plantedPod() {
  const pod = crashingPod(NAME);
  const { ownerReferences: _, ...metadata } = pod.metadata;
  const texts = PLANTED.map(({ text }) => text);
  const containers = pod.spec.containers as readonly Record<string, unknown>[];
  const statuses = pod.status.containerStatuses as readonly Record<string, unknown>[];
  const lastState = {
    terminated: {
      exitCode: 1,
      reason: 'Error',
      message: 'FATAL password authentication failed, tried DB_PASSWORD=hunter2',
      startedAt: '2026-11-25T10:05:00Z',
      finishedAt: '2026-11-25T10:05:02Z',
      containerID: 'containerd://a3',
    },
  };
  return {
    ...pod,
    metadata: { ...metadata, annotations: Object.fromEntries(texts.map((text, at) => [`note-${at}`, text])) },
    spec: {
      ...pod.spec,
      volumes: [
        { name: 'share', csi: { driver: 'smb', volumeAttributes: { password: 'hunter2', source: '//nas/share' } } },
        { name: 'old', flexVolume: { driver: 'x/cifs', options: { password: 'hunter2' } } },
      ],
      containers: containers.map((container) => ({
        ...container,
        command: ['redis-cli', '-a', 'hunter2'],
        args: ['--db-password', 'hunter2', ...texts],
        env: texts
          .map((value, at) => ({ name: `TEXT_${at}`, value }))
          .concat({ name: 'DB_PASSWORD', value: 'hunter2' }),
      })),
    },
    status: {
      ...pod.status,
      containerStatuses: statuses.map((status) => (status.name === 'app' ? { ...status, lastState } : status)),
    },
  };
}

const ASKED = readContext();
const LOG = { cluster: CLUSTER, namespace: 'shop', pod: NAME, container: 'app' };

const closers: (() => Promise<unknown> | unknown)[] = [];

afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers.length = 0;
  runtimeSlot().runtime = null;
  vi.restoreAllMocks();
});

onEachEngine('secrets planted in a cluster', (given) => {
  it('reach no answer, no metric, no row of the database and no line of the process log', {
    timeout: 60_000,
  }, async () => {
    let written = '';
    vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
      written += String(chunk);
      return true;
    });
    const pod = plantedPod();
    const log = LOGGED.flatMap(({ text }) => text.split('\n')).map((line) => `2026-11-25T10:05:01.000000000Z ${line}`);
    const api = await new FakeApiServer().start();
    closers.push(() => api.stop());
    api.intercept = (_request, response, url) => {
      if (url.pathname === `/api/v1/namespaces/shop/pods/${NAME}`) {
        sendJson(response, 200, { kind: 'Pod', apiVersion: 'v1', ...pod });
        return true;
      }
      if (!url.pathname.endsWith('/log')) return false;
      response.end(`${log.join('\n')}\n`);
      return true;
    };
    api.protobuf = false;
    api.put('pods', pod);
    for (const [at, { text }] of PLANTED.entries())
      api.put('events', { ...backOffEvent(pod, `e-${at}`), message: text });

    const target = targetFromServer(CLUSTER, api.url);
    const pipeline = new ClusterPipeline(target, given.store, null);
    closers.push(() => pipeline.stop());
    await pipeline.start();
    runtimeSlot().runtime = {
      config: readConfig({}),
      store: given.store,
      targets: [target],
      clusters: new Map([[CLUSTER, pipeline]]),
      closers: new Set(),
      startedAt: Date.now(),
    };
    const diagnosis = async () =>
      await getDiagnosis(ASKED, { cluster: CLUSTER, plural: 'pods', namespace: 'shop', name: NAME, endedAt: null });
    await until(async () => {
      const { loops } = listLoops(ASKED, { cluster: CLUSTER, namespaces: null });
      if (!loops.some((loop) => loop.verdict !== null)) return false;
      const { runs, basis } = await diagnosis();
      return runs.some((run) => run.log === 'held') && basis.kind === 'record';
    });
    const found = await diagnosis();
    const run = found.runs.find((one) => one.log === 'held');
    for (const { text } of PLANTED) logLine('error', 'request', text);

    const held = await getRunLog(ASKED, { ...LOG, run: run?.id ?? '' });
    const evidence =
      (await exportEvidence(given.store, sightOf(ASKED.viewer, CLUSTER, null), found.loops[0]?.id ?? '')) ??
      new Map<string, string>();
    const shown = {
      diagnosis: JSON.stringify(found),
      log: held.text,
      'live log': (await getRunLog(ASKED, { ...LOG, run: 'current' })).text,
      board: JSON.stringify(listLoops(ASKED, { cluster: CLUSTER, namespaces: null })),
      pods: JSON.stringify(listPods(ASKED, { cluster: CLUSTER, namespaces: null })),
      history: JSON.stringify(
        await listHistory(ASKED, { cluster: CLUSTER, namespaces: null, filter: '', periodMs: null }),
      ),
      metrics: metricsText(operatorContext()),
      database: await given.contents(),
      // In the database its parts are compressed.
      'stored evidence': [...evidence.values()].join('\n'),
      'process log': written,
    };
    expect(PLANTED.length).toBeGreaterThanOrEqual(200);
    expect(held.text.split('\n').length).toBeGreaterThan(200);
    expect(found.events.length).toBeGreaterThan(100);
    expect(shown['stored evidence']).toContain('withheld: looks like a password');
    expect(evidence.get('objects/events.json')).toContain('Event');
    expect(shown.diagnosis).toContain('withheld: looks like a password');
    const secrets = [...new Set(PLANTED.map(({ secret }) => secret))];
    const leaks = Object.entries(shown).flatMap(([place, text]) =>
      secrets.flatMap((secret) => {
        const at = text.indexOf(secret);
        return at < 0 ? [] : [`${place}: ${text.slice(Math.max(0, at - 60), at + secret.length)}`];
      }),
    );
    expect(leaks).toEqual([]);
  });
});
