import type { KubeObject } from '@/lib/diagnosis/evidence-source';

/** The one door for log text of a capture: what is not to be held is taken out here. NUL bytes are left out, as of a live log. */
export function admitLog(text: string): string {
  return text.replaceAll('\0', '');
}

/** The one door for objects of a capture: values of Secrets are dropped here; names of their keys stay. */
export function admitObject(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret') return object;
  const { data, stringData, ...rest } = object;
  // Already without values, as a record of evidence keeps it.
  if (data === undefined && stringData === undefined && Array.isArray(rest.keys)) return rest;
  const keys = [data, stringData].flatMap((map) => (map !== null && typeof map === 'object' ? Object.keys(map) : []));
  return { ...rest, keys };
}
