import type {
  ContainerEvidence,
  Evidence,
  MountEvidence,
  ReferencedObject,
  VolumeEvidence,
} from '@/lib/diagnosis/evidence';

export interface CoveringMount {
  readonly mount: MountEvidence;
  readonly volume: VolumeEvidence | null;
  /** The ConfigMap or Secret behind it, where it is known. */
  readonly object: ReferencedObject | null;
}

/** The innermost mount that a path of the container lies on, or null where the path belongs to the image. */
export function mountOf(
  evidence: Evidence,
  path: string,
  container: ContainerEvidence = evidence.container,
): CoveringMount | null {
  const covering = container.mounts
    .filter(({ path: at }) => path === at || path.startsWith(at.endsWith('/') ? at : `${at}/`))
    .toSorted((a, b) => b.path.length - a.path.length)[0];
  if (!covering) return null;
  const volume = evidence.pod.volumes.find((one) => one.name === covering.volume) ?? null;
  const kind = volume?.kind === 'configMap' ? 'ConfigMap' : volume?.kind === 'secret' ? 'Secret' : null;
  const object = evidence.references?.find((one) => one.kind === kind && one.name === volume?.ref) ?? null;
  return { mount: covering, volume, object };
}

/** The mount in words: "ConfigMap app-config mounted at /etc/app". */
export function mountInWords({ mount, volume }: CoveringMount): string {
  const kinds: Readonly<Record<string, string>> = {
    configMap: 'ConfigMap',
    secret: 'Secret',
    persistentVolumeClaim: 'claim',
    emptyDir: 'empty volume',
    hostPath: 'host path',
  };
  const kind = kinds[volume?.kind ?? ''] ?? 'volume';
  const name = volume?.ref || mount.volume;
  return `${kind} ${name} mounted at ${mount.path}`;
}
