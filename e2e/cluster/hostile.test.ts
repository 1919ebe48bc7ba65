import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Diagnosis, DiagnosisSchema } from '@/lib/contract/diagnosis';
import { LoopsPageSchema } from '@/lib/contract/loop';
import { connect, type Kube } from './kube';
import { applyScenario, loadScenarios, removeScenario } from './scenarios';
import { describeOnCluster } from './test-cluster';
import { startUnloop, type Unloop } from './unloop-process';
import { waitUntil } from './wait-until';

const scenarios = loadScenarios(['hostile-output', 'hostile-annotations', 'hostile-image']);
const MARKUP = '<img src=x onerror=';

describeOnCluster('hostile workloads', (cluster) => {
  let kube: Kube;
  let unloop: Unloop;

  const diagnosis = (path: string): Promise<Diagnosis> => unloop.read(`/loops/deployments/${path}`, DiagnosisSchema);

  beforeAll(async () => {
    kube = connect(cluster.kubeconfig);
    for (const scenario of scenarios) await applyScenario(kube, scenario);
    unloop = await startUnloop({ kubeconfig: cluster.kubeconfig });
    let absent: string[] = [];
    await waitUntil(
      'the hostile workloads are on the board',
      180_000,
      async () => {
        const { loops } = await unloop.read('/loops', LoopsPageSchema);
        const namespaces = new Set(loops.map((loop) => loop.workload.namespace));
        absent = scenarios.map((one) => one.truth.workload.namespace).filter((name) => !namespaces.has(name));
        return absent.length === 0;
      },
      () => `not there: ${absent.join(', ')}`,
    );
  });

  afterAll(async () => {
    await unloop?.stop();
    for (const scenario of scenarios) await removeScenario(kube, scenario);
    await kube?.close();
  });

  it('has its log kept as plain text, the 5 MB line cut, the last words whole', async () => {
    const run = await waitUntil('a crash log is held', 60_000, async () => {
      const { runs } = await diagnosis('e2e-hostile-output/hostile');
      return runs.find((candidate) => candidate.log === 'held' && candidate.exitCode !== null);
    });
    expect(run.message).toBe('<img src=x onerror=alert(1)>');
    const response = await unloop.get(
      `/api/v1/clusters/${unloop.cluster}/logs/e2e-hostile-output/${run.pod}/hostile?run=${encodeURIComponent(run.id)}`,
    );
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const bytes = await response.arrayBuffer();
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    expect(text).toContain('fatal: cannot render <img src=x onerror=alert(document.domain)>');
    expect(text).not.toContain('\0');
    expect(bytes.byteLength).toBeLessThan(256 * 1024);
  });

  it.for([
    'deployments/e2e-hostile-output/hostile',
    'deployments/e2e-hostile-annotations/verbose',
    'deployments/e2e-hostile-image/spoof',
  ])('comes through the page as text, soon and under a policy: %s', async (path) => {
    const plainAt = Date.now();
    await (await unloop.get(`/c/${unloop.cluster}`)).text();
    const startedAt = Date.now();
    const response = await unloop.get(`/c/${unloop.cluster}/${path}`);
    const html = await response.text();
    expect(response.status).toBe(200);
    // Beside the board, asked for at the same moment: a node full of loops makes every page slow.
    expect(Date.now() - startedAt).toBeLessThan(3000 + 10 * (startedAt - plainAt));
    expect(html).not.toContain(MARKUP);
    expect(html).not.toContain('<script>alert(');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/(^|; *)script-src 'self'/);
    expect(policy).not.toMatch(/script-src[^;]*'unsafe-inline'/);
  });

  it('says what an image name of markup is: an invalid reference', async () => {
    const body = await waitUntil('the verdict is there', 30_000, async () => {
      const now = await diagnosis('e2e-hostile-image/spoof');
      return now.verdicts[0]?.cause === 'image-reference-invalid' ? now : null;
    });
    expect(body.loops[0]?.image).toBe('<img src=x onerror=alert(1)>');
  });
});
