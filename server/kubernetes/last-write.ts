import { type EpochMs, parseKubeTime } from '@/lib/domain/time';
import { asList, asRecord, asText } from './json-field';

/** The instant of the last write of a ConfigMap's data, from its `managedFields`; null where none is kept. */
export function lastWriteOf(object: unknown): EpochMs | null {
  const times = asList(asRecord(asRecord(object).metadata).managedFields).flatMap((each) => {
    const { fieldsV1, time } = asRecord(each);
    const fields = asRecord(fieldsV1);
    const at = 'f:data' in fields || 'f:binaryData' in fields ? parseKubeTime(asText(time)) : null;
    return at === null ? [] : [at];
  });
  return times.length === 0 ? null : Math.max(...times);
}
