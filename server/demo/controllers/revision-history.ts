import type { Cluster } from '@/server/demo/cluster';
import { type KubeObject, ownedBy } from '@/server/demo/kube-types';
import type { PodTemplate } from '@/server/demo/pod-template';
import { hashSuffix } from '@/server/demo/random';

/** Creates the ControllerRevision of a StatefulSet or DaemonSet. Gives the hash that its pods carry. */
export function createRevision(
  cluster: Cluster,
  owner: KubeObject,
  template: PodTemplate,
  revision: number,
): { readonly name: string; readonly hash: string } {
  const { name: ownerName, namespace = 'default' } = owner.metadata;
  const hash = hashSuffix(`${owner.kind}/${namespace}/${ownerName}/${revision}`, 9);
  const name = `${ownerName}-${hash}`;
  cluster.store.put('controllerrevisions', {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name,
      namespace,
      uid: cluster.random(`revision/${namespace}/${name}`).uuid(),
      creationTimestamp: cluster.clock.stamp(cluster.clock.now),
      labels: { ...template.metadata.labels, 'controller-revision-hash': hash },
      ownerReferences: ownedBy(owner),
    },
    data: { spec: { template: { $patch: 'replace', ...template } } },
    revision,
  });
  return { name, hash };
}
