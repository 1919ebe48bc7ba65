import { z } from 'zod';
import { InstantSchema } from './loop';

/** A pod in kubectl's words. */
export const PodLineSchema = z.object({
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  ready: z.string(),
  status: z.string(),
  restarts: z.number().int(),
  lastRestartAt: InstantSchema.nullable(),
});
export type PodLine = z.infer<typeof PodLineSchema>;

export const PodsSchema = z.object({ cluster: z.string(), pods: z.array(PodLineSchema) });
