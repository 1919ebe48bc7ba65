import { homedir } from 'node:os';
import { loadClusterTargets } from '@/server/kubernetes/cluster-targets';
import { asList, asRecord, asText } from '@/server/kubernetes/json-field';
import { KubeClient } from '@/server/kubernetes/kube-client';

/** The yardstick: every pod in pages of 500, JSON.parse, and nothing kept. Prints one JSON line. */
const [target] = loadClusterTargets({ kubeconfig: null, contexts: [], env: process.env, home: homedir() });
if (!target) throw new Error('KUBECONFIG names no cluster');
const client = new KubeClient(target);
const began = performance.now();
let pods = 0;
let rssPeak = 0;
let token = '';
do {
  const query = `limit=500${token ? `&continue=${encodeURIComponent(token)}` : ''}`;
  const page = asRecord(await client.json('GET', `/api/v1/pods?${query}`));
  pods += asList(page.items).length;
  token = asText(asRecord(page.metadata).continue);
  rssPeak = Math.max(rssPeak, process.memoryUsage.rss());
} while (token);
process.stdout.write(`${JSON.stringify({ ms: performance.now() - began, pods, rssPeak })}\n`);
await client.close();
