import { z } from 'zod';
import type { KubeObject } from '@/lib/diagnosis/evidence-source';

const Named = z.object({ name: z.string().optional(), key: z.string().optional() }).optional().catch(undefined);
const Container = z.object({
  env: z
    .array(z.object({ valueFrom: z.object({ configMapKeyRef: Named }).optional().catch(undefined) }))
    .optional()
    .catch([]),
  envFrom: z
    .array(z.object({ configMapRef: Named }))
    .optional()
    .catch([]),
});
const Pod = z.object({
  spec: z.object({
    containers: z.array(Container).optional().catch([]),
    initContainers: z.array(Container).optional().catch([]),
    volumes: z
      .array(
        z.object({
          configMap: Named,
          persistentVolumeClaim: z.object({ claimName: z.string().optional() }).optional().catch(undefined),
          projected: z
            .object({
              sources: z
                .array(z.object({ configMap: Named }))
                .optional()
                .catch([]),
            })
            .optional()
            .catch(undefined),
        }),
      )
      .optional()
      .catch([]),
  }),
});

/** Names of the objects that a pod's spec refers to and that may be read: ConfigMaps and claims. Never Secrets. */
export interface PodReferences {
  readonly configMaps: readonly string[];
  readonly claims: readonly string[];
}

/** Reads the references out of a whole pod object; ill-typed parts are passed over. */
export function podReferences(pod: KubeObject): PodReferences {
  const parsed = Pod.safeParse(pod);
  if (!parsed.success) return { configMaps: [], claims: [] };
  const { containers = [], initContainers = [], volumes = [] } = parsed.data.spec;
  const configMaps = new Set<string>();
  const add = (name: string | undefined) => {
    if (name) configMaps.add(name);
  };
  for (const container of [...containers, ...initContainers]) {
    for (const variable of container.env ?? []) add(variable.valueFrom?.configMapKeyRef?.name);
    for (const source of container.envFrom ?? []) add(source.configMapRef?.name);
  }
  const claims = new Set<string>();
  for (const volume of volumes) {
    add(volume.configMap?.name);
    for (const source of volume.projected?.sources ?? []) add(source.configMap?.name);
    if (volume.persistentVolumeClaim?.claimName) claims.add(volume.persistentVolumeClaim.claimName);
  }
  configMaps.delete('kube-root-ca.crt');
  return { configMaps: [...configMaps], claims: [...claims] };
}
