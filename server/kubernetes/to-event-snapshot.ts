import type { EventSnapshot } from '@/lib/domain/pod-snapshot';
import { redactText } from '@/lib/domain/redact/text';
import { parseKubeTime } from '@/lib/domain/time';
import { normaliseEvent } from './decode-event';
import { type Interner, MESSAGE_BYTES_MAX } from './intern';
import { asInt, asRecord, asText } from './json-field';
import { cutString } from './wire';

/**
 * The EventSnapshot of a core/v1 Event in JSON: the same values as `decodeEvent` gives for the same object in protobuf.
 * Absent and ill-typed fields count as empty; it never throws.
 */
export function toEventSnapshot(event: unknown, intern: Interner): EventSnapshot {
  const fields = asRecord(event);
  const meta = asRecord(fields.metadata);
  const involved = asRecord(fields.involvedObject);
  const source = asRecord(fields.source);
  const series = fields.series ? asRecord(fields.series) : null;
  return normaliseEvent({
    uid: asText(meta.uid),
    namespace: intern.string(asText(meta.namespace)),
    name: asText(meta.name),
    createdAt: parseKubeTime(asText(meta.creationTimestamp)),
    type: intern.string(asText(fields.type)),
    reason: intern.string(asText(fields.reason)),
    message: redactText(cutString(asText(fields.message), MESSAGE_BYTES_MAX)),
    involved: {
      kind: intern.string(asText(involved.kind)),
      namespace: intern.string(asText(involved.namespace)),
      name: asText(involved.name),
      uid: asText(involved.uid),
    },
    fieldPath: asText(involved.fieldPath),
    firstTimestamp: parseKubeTime(asText(fields.firstTimestamp)),
    lastTimestamp: parseKubeTime(asText(fields.lastTimestamp)),
    eventTime: parseKubeTime(asText(fields.eventTime)),
    count: asInt(fields.count),
    series: series
      ? { count: asInt(series.count), lastObservedTime: parseKubeTime(asText(series.lastObservedTime)) }
      : null,
    component: intern.string(asText(source.component)),
    host: intern.string(asText(source.host)),
    reportingComponent: intern.string(asText(fields.reportingComponent)),
  });
}
