import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { LoopsPageSchema } from '@/lib/contract/loop';
import { connect, type Kube } from './kube';
import { applyScenario, loadScenarios } from './scenarios';
import { describeOnCluster } from './test-cluster';
import { startUnloop, type Unloop } from './unloop-process';
import { waitUntil } from './wait-until';

const AuditSchema = z.object({
  verb: z.string(),
  requestURI: z.string(),
  userAgent: z.string().optional(),
  objectRef: z.object({ resource: z.string().optional() }).optional(),
});

/** A mount that fails is told of after a grace of 60 s at the latest (lib/domain/start-fault.ts). */
const DIAGNOSED_MS = 90_000;

const scenarios = loadScenarios(['config-ref-missing-key', 'volume-mount', 'image-pull-denied', 'app-exception']);

describeOnCluster('what Unloop asks the cluster for', (cluster) => {
  let kube: Kube;
  let unloop: Unloop;

  beforeAll(async () => {
    kube = connect(cluster.kubeconfig);
    for (const scenario of scenarios) await applyScenario(kube, scenario);
    unloop = await startUnloop({ kubeconfig: cluster.kubeconfig });
  });

  afterAll(async () => {
    await unloop?.stop();
    await kube?.close();
  });

  it.skipIf(cluster.auditLog === null)('only reads, and never a Secret', async () => {
    let missing = '';
    await waitUntil(
      'workloads that refer to Secrets are diagnosed',
      DIAGNOSED_MS,
      async () => {
        const { loops } = await unloop.read('/loops', LoopsPageSchema);
        const without = scenarios.filter(
          ({ truth }) => !loops.some((loop) => loop.workload.namespace === truth.workload.namespace && loop.verdict),
        );
        missing = without.map(({ id }) => id).join(', ');
        return without.length === 0;
      },
      () => `not ${missing}`,
    );
    const mine = readFileSync(cluster.auditLog ?? '', 'utf8')
      .split('\n')
      .filter((line) => line.includes('"unloop/'))
      .map((line) => AuditSchema.parse(JSON.parse(line)))
      .filter((entry) => entry.userAgent?.startsWith('unloop/'));
    expect(mine.some((entry) => entry.objectRef?.resource === 'pods')).toBe(true);
    expect(mine.filter((entry) => entry.objectRef?.resource === 'secrets')).toEqual([]);
    const writes = mine.filter((entry) => !['get', 'list', 'watch'].includes(entry.verb));
    expect(writes.filter((entry) => entry.objectRef?.resource !== 'selfsubjectaccessreviews')).toEqual([]);
  });
});
