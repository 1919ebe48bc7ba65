import type { Workload } from '@/lib/domain/loop';
import type { KubeObject } from './evidence-source';
import { numberAt, objectAt, objectsAt, textAt } from './read-object';

/** The workload whose controller may make no pod, with the container that the loop is named after: the template's first. */
export interface RefusedWorkload {
  readonly workload: Workload;
  readonly container: string;
  readonly image: string;
  /** The pod that would be made, as an object without a name of its own: what a diagnosis reads in place of a pod. */
  readonly pod: KubeObject;
}

const CONTROLLERS: ReadonlySet<string> = new Set(['ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job']);

/**
 * What stands in for the pods that a controller (ReplicaSet, StatefulSet, DaemonSet, Job) may not make. null where the object is
 * none of these, wants no pod, or its template cannot be read.
 */
export function refusedPod(controller: KubeObject): RefusedWorkload | null {
  const kind = textAt(controller, 'kind');
  const template = objectAt(controller, 'spec', 'template');
  const spec = objectAt(template, 'spec');
  const [container] = objectsAt(spec, 'containers');
  if (!CONTROLLERS.has(kind) || !spec || !container || numberAt(controller, 'spec', 'replicas') === 0) return null;
  const namespace = textAt(controller, 'metadata', 'namespace');
  const name = textAt(controller, 'metadata', 'name');
  const owners = objectsAt(controller, 'metadata', 'ownerReferences');
  const owner = owners.find((reference) => reference.controller === true);
  return {
    workload: { kind: textAt(owner, 'kind') || kind, namespace, name: textAt(owner, 'name') || name },
    container: textAt(container, 'name'),
    image: textAt(container, 'image'),
    pod: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        ...objectAt(template, 'metadata'),
        namespace,
        name,
        uid: textAt(controller, 'metadata', 'uid'),
        creationTimestamp: textAt(controller, 'metadata', 'creationTimestamp'),
      },
      spec,
      status: { phase: 'Pending' },
    },
  };
}
