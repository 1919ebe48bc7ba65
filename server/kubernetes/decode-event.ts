import { readCombined } from '@/lib/domain/combined-event';
import type { EventSnapshot } from '@/lib/domain/pod-snapshot';
import { redactText } from '@/lib/domain/redact/text';
import type { EpochMs } from '@/lib/domain/time';
import { readTime } from './decode-pod';
import { type Interner, MESSAGE_BYTES_MAX } from './intern';
import { WireReader } from './wire';

const CONTAINER_PATH = /^spec\.(?:containers|initContainers|ephemeralContainers)\{([^}]+)\}$/;

/** The fields of an event before the rules of crash-semantics 2.2 pick times and count. */
export interface RawEvent {
  uid: string;
  namespace: string;
  name: string;
  createdAt: EpochMs | null;
  type: string;
  reason: string;
  message: string;
  involved: { kind: string; namespace: string; name: string; uid: string };
  fieldPath: string;
  firstTimestamp: EpochMs | null;
  lastTimestamp: EpochMs | null;
  eventTime: EpochMs | null;
  count: number;
  series: { count: number; lastObservedTime: EpochMs | null } | null;
  component: string;
  host: string;
  reportingComponent: string;
}

export function emptyRawEvent(): RawEvent {
  return {
    uid: '',
    namespace: '',
    name: '',
    createdAt: null,
    type: '',
    reason: '',
    message: '',
    involved: { kind: '', namespace: '', name: '', uid: '' },
    fieldPath: '',
    firstTimestamp: null,
    lastTimestamp: null,
    eventTime: null,
    count: 0,
    series: null,
    component: '',
    host: '',
    reportingComponent: '',
  };
}

/** Picks times, count and container as crash-semantics 2.2 says. */
export function normaliseEvent(raw: RawEvent): EventSnapshot {
  return {
    uid: raw.uid,
    namespace: raw.namespace,
    name: raw.name,
    type: raw.type,
    reason: raw.reason,
    ...readCombined(raw.message),
    involved: raw.involved,
    container: containerOf(raw.fieldPath),
    first: raw.firstTimestamp ?? raw.eventTime ?? raw.createdAt,
    last: raw.series?.lastObservedTime ?? raw.lastTimestamp ?? raw.eventTime ?? raw.createdAt,
    count: raw.series ? raw.series.count : raw.count || 1,
    source: raw.component || raw.reportingComponent,
    host: raw.host,
  };
}

/** A match keeps the whole text alive, so the name is copied. */
function containerOf(fieldPath: string): string {
  const name = CONTAINER_PATH.exec(fieldPath)?.[1];
  return name ? Buffer.from(name).toString() : '';
}

/**
 * Copies an EventSnapshot out of a core/v1 Event in protobuf. Field numbers: k8s.io/api core/v1 generated.proto.
 * Throws WireError where the bytes are broken.
 */
export function decodeEvent(bytes: Buffer, intern: Interner, start = 0, end = bytes.length): EventSnapshot {
  const raw = emptyRawEvent();
  const event = new WireReader(bytes, start, end);
  while (event.next()) {
    switch (event.field) {
      case 1:
        readMeta(event.enter(), raw, intern);
        break;
      case 2:
        readInvolved(event.enter(), raw, intern);
        break;
      case 3:
        raw.reason = event.shared(intern);
        break;
      case 4:
        raw.message = redactText(event.cutText(MESSAGE_BYTES_MAX));
        break;
      case 5:
        readSource(event.enter(), raw, intern);
        break;
      case 6:
        raw.firstTimestamp = readTime(event.enter());
        break;
      case 7:
        raw.lastTimestamp = readTime(event.enter());
        break;
      case 8:
        raw.count = event.int();
        break;
      case 9:
        raw.type = event.shared(intern);
        break;
      case 10:
        raw.eventTime = readTime(event.enter());
        break;
      case 11:
        raw.series = readSeries(event.enter());
        break;
      case 14:
        raw.reportingComponent = event.shared(intern);
        break;
      default:
        event.skip();
    }
  }
  return normaliseEvent(raw);
}

function readMeta(meta: WireReader, into: RawEvent, intern: Interner): void {
  while (meta.next()) {
    if (meta.field === 1) into.name = meta.text();
    else if (meta.field === 3) into.namespace = meta.shared(intern);
    else if (meta.field === 5) into.uid = meta.text();
    else if (meta.field === 8) into.createdAt = readTime(meta.enter());
    else meta.skip();
  }
}

function readInvolved(reference: WireReader, into: RawEvent, intern: Interner): void {
  while (reference.next()) {
    if (reference.field === 1) into.involved.kind = reference.shared(intern);
    else if (reference.field === 2) into.involved.namespace = reference.shared(intern);
    else if (reference.field === 3) into.involved.name = reference.text();
    else if (reference.field === 4) into.involved.uid = reference.text();
    else if (reference.field === 7) into.fieldPath = reference.text();
    else reference.skip();
  }
}

function readSource(source: WireReader, into: RawEvent, intern: Interner): void {
  while (source.next()) {
    if (source.field === 1) into.component = source.shared(intern);
    else if (source.field === 2) into.host = source.shared(intern);
    else source.skip();
  }
}

function readSeries(series: WireReader): { count: number; lastObservedTime: EpochMs | null } {
  let count = 0;
  let lastObservedTime: EpochMs | null = null;
  while (series.next()) {
    if (series.field === 1) count = series.int();
    else if (series.field === 2) lastObservedTime = readTime(series.enter());
    else series.skip();
  }
  return { count, lastObservedTime };
}
