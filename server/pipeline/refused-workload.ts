import { z } from 'zod';
import { type RefusedWorkload, refusedPod } from '@/lib/diagnosis/refused-pod';
import type { EventSnapshot } from '@/lib/domain/pod-snapshot';
import { redactObject } from '@/lib/domain/redact/objects';
import type { KubeClient } from '@/server/kubernetes/kube-client';
import { KubeError } from '@/server/kubernetes/kube-error';

const PATHS: Readonly<Record<string, string>> = {
  ReplicaSet: 'apis/apps/v1',
  StatefulSet: 'apis/apps/v1',
  DaemonSet: 'apis/apps/v1',
  Job: 'apis/batch/v1',
};

const ControllerSchema = z.looseObject({ metadata: z.looseObject({}), spec: z.looseObject({}) });

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
    answer = await client.json('GET', `/${path}/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`);
  } catch (error) {
    if (error instanceof KubeError && (error.status === 403 || error.status === 404)) return null;
    throw error;
  }
  const parsed = ControllerSchema.safeParse(answer);
  return parsed.success ? refusedPod({ ...redactObject(parsed.data), kind }) : null;
}
