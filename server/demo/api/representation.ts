import type { KubeObject } from '@/server/demo/kube-types';
import { apiVersionOf, type Resource } from './resources';

/** Whole objects, or their metadata only. The answer is always JSON: the first JSON form in the Accept header decides. */
export type Representation = 'whole' | 'metadata';

/** Reads the Accept header. Media types that are not JSON are passed over, as by a server that lacks their encoders. */
export function representationOf(accept: string | undefined): Representation {
  for (const part of (accept ?? '').split(',')) {
    const media = part.trim();
    if (/;\s*as=PartialObjectMetadata(List)?\b/.test(media)) return 'metadata';
    if (media.startsWith('application/json') && !media.includes('as=')) return 'whole';
  }
  return 'whole';
}

/** An object in the asked form. */
export function represent(object: KubeObject, form: Representation): KubeObject {
  if (form === 'whole') return object;
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

/** Builds a list body. Items of typed lists carry no kind, as those of the API server. */
export function representList(
  resource: Resource,
  objects: readonly KubeObject[],
  metadata: Readonly<Record<string, unknown>>,
  form: Representation,
): Readonly<Record<string, unknown>> {
  if (form === 'metadata') {
    const items = objects.map((object) => represent(object, form));
    return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items };
  }
  const items = objects.map(({ apiVersion: _version, kind: _kind, ...rest }) => rest);
  return { kind: `${resource.kind}List`, apiVersion: apiVersionOf(resource), metadata, items };
}
