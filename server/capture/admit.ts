import type { KubeObject } from '@/lib/diagnosis/evidence-source';
import { redactAmong } from '@/lib/domain/redact/objects';
import { redactLog } from '@/lib/domain/redact/text';
import type { Withhold } from '@/lib/domain/redact/withheld';

/** The one door for log text of a capture: credentials are withheld here. NUL bytes are left out, as of a live log. */
export function admitLog(text: string): string {
  return redactLog(text.replaceAll('\0', ''));
}

/**
 * The one door for objects of a capture: credentials are withheld and values of Secrets dropped here; names of their keys stay.
 * `differing` is shared by the objects of a capture, so that a password that changed between two revisions shows as changed.
 */
export function admitObject(object: KubeObject, differing: Withhold): KubeObject {
  if (object.kind !== 'Secret') return redactAmong(object, differing);
  const { data, stringData, ...rest } = object;
  // Already without values, as a record of evidence keeps it.
  if (data === undefined && stringData === undefined && Array.isArray(rest.keys)) return rest;
  const keys = [data, stringData].flatMap((map) => (map !== null && typeof map === 'object' ? Object.keys(map) : []));
  return { ...rest, keys };
}
