import type { KubeObject } from '@/lib/diagnosis/evidence-source';
import { writeCombined } from '@/lib/domain/combined-event';
import type { EventSnapshot } from '@/lib/domain/pod-snapshot';
import { toInstant } from '@/lib/domain/time';

/** An event as the core/v1 Event that `readEvent` reads it from again. Containers of any type read back from one field path. */
export function toKubeEvent(event: EventSnapshot): KubeObject {
  const { involved, container } = event;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: event.name, namespace: event.namespace, uid: event.uid },
    involvedObject: { ...involved, ...(container === '' ? {} : { fieldPath: `spec.containers{${container}}` }) },
    type: event.type,
    reason: event.reason,
    message: writeCombined(event),
    firstTimestamp: toInstant(event.first),
    lastTimestamp: toInstant(event.last),
    count: event.count,
    source: { component: event.source, host: event.host },
  };
}
