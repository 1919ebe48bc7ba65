import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { describe } from 'vitest';

/** The cluster that these tests may fill, break and stop. */
export interface TestCluster {
  /** Path of the kubeconfig. */
  readonly kubeconfig: string;
  /** Folder with the scripts that started it (`lib.sh`), or null: then nothing can stop the API server. */
  readonly tools: string | null;
  /** The API server's audit log, or null where it writes none. */
  readonly auditLog: string | null;
}

const ASK = 'set KUBECONFIG to a test cluster on loopback, or UNLOOP_TEST_KUBECONFIG to any cluster that may be broken';

/**
 * Finds the test cluster in the environment. A cluster that stands in KUBECONFIG is taken only where its server is on
 * loopback: these tests create and delete workloads, nobody's production shall meet them by accident.
 */
function findTestCluster(env: NodeJS.ProcessEnv): TestCluster | null {
  const explicit = env.UNLOOP_TEST_KUBECONFIG;
  const kubeconfig = explicit || env.KUBECONFIG;
  if (!kubeconfig || !existsSync(kubeconfig)) return null;
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const server = config.getCurrentCluster()?.server;
  if (!server) return null;
  if (!explicit && !['127.0.0.1', 'localhost', '[::1]'].includes(new URL(server).hostname)) return null;
  const auditLog = join(dirname(kubeconfig), 'run', 'audit.log');
  return {
    kubeconfig,
    tools: env.UNLOOP_CLUSTER_TOOLS || null,
    auditLog: existsSync(auditLog) ? auditLog : null,
  };
}

const found = findTestCluster(process.env);

/** Declares tests on the test cluster; where there is none they are skipped and their title says what to set. */
export function describeOnCluster(name: string, body: (cluster: TestCluster) => void): void {
  if (found) describe(name, () => body(found));
  else describe.skip(`${name} (skipped: ${ASK})`, () => body({ kubeconfig: '', tools: null, auditLog: null }));
}
