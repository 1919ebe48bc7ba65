import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { ClustersSchema } from '@/lib/contract/cluster';
import { DiagnosisSchema } from '@/lib/contract/diagnosis';
import { LoopsPageSchema } from '@/lib/contract/loop';
import { PodsSchema } from '@/lib/contract/pod';
import { applyManifest, connect, type Kube, podTable } from './kube';
import { applyScenario, loadScenarios } from './scenarios';
import { describeOnCluster } from './test-cluster';
import { startUnloop, type Unloop } from './unloop-process';
import { waitUntil } from './wait-until';

const NAMESPACE = 'e2e-app-exception';

const GRANT = `
apiVersion: v1
kind: ServiceAccount
metadata: {name: viewer, namespace: ${NAMESPACE}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: viewer, namespace: ${NAMESPACE}}
rules:
- {apiGroups: [""], resources: [pods, events], verbs: [get, list, watch]}
- {apiGroups: [""], resources: [pods/log], verbs: [get]}
- {apiGroups: [apps], resources: [deployments, replicasets], verbs: [get, list, watch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: viewer, namespace: ${NAMESPACE}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: viewer}
subjects: [{kind: ServiceAccount, name: viewer, namespace: ${NAMESPACE}}]
`;

const TokenSchema = z.object({ status: z.object({ token: z.string() }) });

/** Writes a kubeconfig with the account's own token and its namespace, as a user with few rights has one. */
async function viewerKubeconfig(kube: Kube, admin: string): Promise<string> {
  const { status } = TokenSchema.parse(
    await kube.request('POST', `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/viewer/token`, {
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { expirationSeconds: 3600 } },
    }),
  );
  const config = new KubeConfig();
  config.loadFromFile(admin);
  const cluster = config.getCurrentCluster();
  const path = join(mkdtempSync(join(tmpdir(), 'unloop-e2e-')), 'kubeconfig');
  const text = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'team',
        cluster: {
          server: cluster?.server,
          ...(cluster?.caFile && { 'certificate-authority': cluster.caFile }),
          ...(cluster?.caData && { 'certificate-authority-data': cluster.caData }),
        },
      },
    ],
    users: [{ name: 'viewer', user: { token: status.token } }],
    contexts: [{ name: 'team', context: { cluster: 'team', user: 'viewer', namespace: NAMESPACE } }],
    'current-context': 'team',
  });
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

describeOnCluster('an account that may see one namespace', (cluster) => {
  let kube: Kube;
  let unloop: Unloop;

  beforeAll(async () => {
    kube = connect(cluster.kubeconfig);
    for (const scenario of loadScenarios(['app-exception', 'env-missing-shell'])) await applyScenario(kube, scenario);
    await applyManifest(kube, GRANT);
    unloop = await startUnloop({ kubeconfig: await viewerKubeconfig(kube, cluster.kubeconfig) });
  });

  afterAll(async () => {
    await unloop?.stop();
    await kube?.close();
  });

  it('gets the whole product for it: row, cause, log and events', async () => {
    const loop = await waitUntil('the loop is on the board with its cause', 90_000, async () => {
      const { loops } = await unloop.read('/loops', LoopsPageSchema);
      return loops.find((row) => row.verdict?.cause === 'app-exception');
    });
    expect(loop.workload).toEqual({ kind: 'Deployment', namespace: NAMESPACE, name: 'checkout' });
    const body = await waitUntil('a crash log is held', 60_000, async () => {
      const now = await unloop.read(`/loops/deployments/${NAMESPACE}/checkout`, DiagnosisSchema);
      return now.runs.some((run) => run.log === 'held') && now.events.length > 0 ? now : null;
    });
    const held = body.runs.find((run) => run.log === 'held');
    const log = await unloop.get(
      `/api/v1/clusters/${unloop.cluster}/logs/${NAMESPACE}/${held?.pod}/checkout?run=${encodeURIComponent(held?.id ?? '')}`,
    );
    expect(await log.text()).toContain('TypeError');
  });

  it('sees nothing of other namespaces, and is told so', async () => {
    const page = await unloop.read('/loops', LoopsPageSchema);
    expect(new Set(page.loops.map((loop) => loop.workload.namespace))).toEqual(new Set([NAMESPACE]));
    const everywhere = page.coverage.filter((part) => part.namespace === '*');
    expect(everywhere.map((part) => part.state)).toEqual(everywhere.map(() => 'forbidden'));
    expect(page.coverage.find((part) => part.namespace === NAMESPACE && part.resource === 'pods')?.state).toBe('live');
    const { pods } = await unloop.read('/pods', PodsSchema);
    const own = (await podTable(kube)).filter((pod) => pod.namespace === NAMESPACE).map((pod) => pod.name);
    expect(pods.map((pod) => pod.name).sort()).toEqual([...own].sort());
    const { clusters } = ClustersSchema.parse(await (await unloop.get('/api/v1/clusters')).json());
    const said = [clusters[0]?.reason, ...page.coverage.map((part) => part.text)].join('\n');
    expect(said).toContain('Not permitted to list and watch pods in all namespaces');
  });
});
