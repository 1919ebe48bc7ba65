import type { ContainerSpec, ProbeSpec } from '@/server/demo/kube-types';

/** An image reference of the registry of the demo's company. */
export function image(path: string, tag: string): string {
  return `ghcr.example.com/${path}:${tag}`;
}

/** Resources of a container: requests and, where given, limits. */
export function resources(
  requests: readonly [cpu: string, memory: string],
  limits: { readonly cpu?: string; readonly memory?: string } = {},
): NonNullable<ContainerSpec['resources']> {
  const [cpu, memory] = requests;
  return { requests: { cpu, memory }, ...(Object.keys(limits).length > 0 ? { limits } : {}) };
}

/** An environment variable with a literal value. */
export function env(name: string, value: string): object {
  return { name, value };
}

/** An environment variable from a ConfigMap's key. */
export function envFromMap(name: string, map: string, key: string, optional = false): object {
  return { name, valueFrom: { configMapKeyRef: { name: map, key, ...(optional ? { optional } : {}) } } };
}

/** An environment variable from a Secret's key. */
export function envFromSecret(name: string, secret: string, key: string): object {
  return { name, valueFrom: { secretKeyRef: { name: secret, key } } };
}

export function port(containerPort: number, name = 'http'): object {
  return { name, containerPort, protocol: 'TCP' };
}

/** A probe over HTTP. */
export function httpProbe(path: string, target: number | string, rest: Omit<ProbeSpec, 'httpGet'> = {}): ProbeSpec {
  return { httpGet: { path, port: target }, ...rest };
}
