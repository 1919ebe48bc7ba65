import { z } from 'zod';
import { ClusterSchema } from './cluster';
import { CoverageSchema, LoopSchema, LoopsPageSchema, TotalsSchema } from './loop';

/**
 * Frames of `GET /api/v1/clusters/<c>/stream`. After `hello` comes a whole `snapshot`; each `change` carries whole rows.
 * `gap` says that frames were left out for a slow reader: a `snapshot` follows. Event name = `kind`.
 */
export const StreamFrameSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('hello'), version: z.string(), sequence: z.number().int(), cluster: ClusterSchema }),
  z.object({ kind: z.literal('snapshot'), page: LoopsPageSchema }),
  z.object({
    kind: z.literal('change'),
    sequence: z.number().int(),
    asOf: z.iso.datetime(),
    upserts: z.array(LoopSchema),
    removed: z.array(z.string()),
    totals: TotalsSchema.optional(),
    coverage: z.array(CoverageSchema).optional(),
    cluster: ClusterSchema.optional(),
  }),
  z.object({ kind: z.literal('gap'), reason: z.string() }),
]);
export type StreamFrame = z.infer<typeof StreamFrameSchema>;
