import { z } from 'zod';
import type { KubeObject } from '@/lib/diagnosis/evidence-source';
import type { Workload } from '@/lib/domain/loop';
import type { EventSnapshot } from '@/lib/domain/pod-snapshot';
import type { KubeClient } from './kube-client';
import { KubeError } from './kube-error';

const PATHS: Readonly<Record<string, string>> = {
  ReplicaSet: 'apis/apps/v1',
  StatefulSet: 'apis/apps/v1',
  DaemonSet: 'apis/apps/v1',
  Job: 'apis/batch/v1',
};

const OwnerSchema = z.object({
  metadata: z.object({
    creationTimestamp: z.string().optional(),
    ownerReferences: z
      .array(z.object({ kind: z.string(), name: z.string(), controller: z.boolean().optional() }))
      .optional(),
  }),
  spec: z.object({
    replicas: z.number().optional(),
    template: z.object({
      metadata: z.record(z.string(), z.unknown()).optional(),
      spec: z.looseObject({
        containers: z.array(z.looseObject({ name: z.string(), image: z.string().optional() })).min(1),
      }),
    }),
  }),
});

/** The workload whose controller may make no pod, with the container that the loop is named after: the template's first. */
export interface RefusedWorkload {
  readonly workload: Workload;
  readonly container: string;
  readonly image: string;
  /** The pod that would be made, as an object without a name of its own: what a diagnosis reads in place of a pod. */
  readonly pod: KubeObject;
}

/**
 * Finds whose pods an event `FailedCreate` speaks of (quota, admission, pod security: crash-semantics 2.5, H6). null where
 * the controller is of another kind, gone, forbidden, or wants no pod any more.
 */
export async function refusedWorkload(client: KubeClient, event: EventSnapshot): Promise<RefusedWorkload | null> {
  const { kind, namespace, name } = event.involved;
  const path = PATHS[kind];
  if (!path) return null;
  let answer: unknown;
  try {
    answer = await client.getJson(`/${path}/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`);
  } catch (error) {
    if (error instanceof KubeError && (error.status === 403 || error.status === 404)) return null;
    throw error;
  }
  const parsed = OwnerSchema.safeParse(answer);
  if (!parsed.success || parsed.data.spec.replicas === 0) return null;
  const { template } = parsed.data.spec;
  const [container] = template.spec.containers;
  if (!container) return null;
  const owner = parsed.data.metadata.ownerReferences?.find((reference) => reference.controller);
  return {
    workload: { kind: owner?.kind ?? kind, namespace, name: owner?.name ?? name },
    container: container.name,
    image: container.image ?? '',
    pod: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...template.metadata,
        namespace,
        name,
        uid: event.involved.uid,
        creationTimestamp: parsed.data.metadata.creationTimestamp,
      },
      spec: template.spec,
      status: { phase: 'Pending' },
    },
  };
}
