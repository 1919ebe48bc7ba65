import { readCombined } from '@/lib/domain/combined-event';
import type { EventSnapshot } from '@/lib/domain/pod-snapshot';
import { parseKubeTime } from '@/lib/domain/time';
import type { KubeObject } from './evidence-source';
import { numberAt, objectAt, textAt } from './read-object';

/** The container that an event's `fieldPath` (`spec.containers{app}`) names, or empty text. */
function containerOfFieldPath(fieldPath: string): string {
  return /^spec\.(?:initContainers|containers|ephemeralContainers)\{([^}]{1,253})\}$/.exec(fieldPath)?.[1] ?? '';
}

/**
 * Reads a core/v1 or events.k8s.io/v1 Event given as JSON. Series counts and times beat the flat fields, because the
 * new events API leaves those empty (crash-semantics 2.1).
 */
export function readEvent(raw: KubeObject): EventSnapshot {
  const involved = objectAt(raw, 'involvedObject') ?? objectAt(raw, 'regarding') ?? {};
  const { message, aggregated } = readCombined(textAt(raw, 'message') || textAt(raw, 'note'));
  const first =
    parseKubeTime(textAt(raw, 'firstTimestamp')) ??
    parseKubeTime(textAt(raw, 'deprecatedFirstTimestamp')) ??
    parseKubeTime(textAt(raw, 'eventTime')) ??
    parseKubeTime(textAt(raw, 'metadata', 'creationTimestamp'));
  const last =
    parseKubeTime(textAt(raw, 'series', 'lastObservedTime')) ??
    parseKubeTime(textAt(raw, 'lastTimestamp')) ??
    parseKubeTime(textAt(raw, 'deprecatedLastTimestamp')) ??
    first;
  return {
    uid: textAt(raw, 'metadata', 'uid') || textAt(raw, 'metadata', 'name'),
    namespace: textAt(raw, 'metadata', 'namespace') || textAt(involved, 'namespace'),
    name: textAt(raw, 'metadata', 'name'),
    type: textAt(raw, 'type'),
    reason: textAt(raw, 'reason'),
    message,
    involved: {
      kind: textAt(involved, 'kind'),
      namespace: textAt(involved, 'namespace'),
      name: textAt(involved, 'name'),
      uid: textAt(involved, 'uid'),
    },
    container: containerOfFieldPath(textAt(involved, 'fieldPath')),
    first,
    last,
    count: numberAt(raw, 'series', 'count') ?? numberAt(raw, 'count') ?? numberAt(raw, 'deprecatedCount') ?? 1,
    source:
      textAt(raw, 'source', 'component') || textAt(raw, 'reportingComponent') || textAt(raw, 'reportingController'),
    host: textAt(raw, 'source', 'host') || textAt(raw, 'reportingInstance'),
    aggregated,
  };
}
