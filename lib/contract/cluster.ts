import { z } from 'zod';

/** One configured cluster and whether Unloop sees it. */
export const ClusterSchema = z.object({
  id: z.string(),
  server: z.string(),
  /** `gitVersion` of the API server, or null before the first answer. */
  version: z.string().nullable(),
  state: z.enum(['connecting', 'syncing', 'live', 'stale', 'forbidden', 'unreachable', 'misconfigured']),
  /** What failed, where, and what to do; null when live. */
  reason: z.string().nullable(),
  /** When the next try to reach it begins, where one is planned. */
  nextTryAt: z.iso.datetime().nullish(),
  /** True for the embedded demo cluster. */
  demo: z.boolean(),
});
export type Cluster = z.infer<typeof ClusterSchema>;

export const ClustersSchema = z.object({ clusters: z.array(ClusterSchema) });
