import 'server-only';
import type { Cluster } from '@/lib/contract/cluster';
import { runtime } from '@/server/runtime-slot';

/** All configured clusters with their state, in the order of configuration. */
export function listClusters(): readonly Cluster[] {
  return [...runtime().pipelines.values()].map((pipeline) => pipeline.status());
}
