import type { KubeObject } from '@/lib/diagnosis/evidence-source';
import { readEvent } from '@/lib/diagnosis/read-event';
import { textAt } from '@/lib/diagnosis/read-object';
import type { EventSnapshot } from '@/lib/domain/pod-snapshot';
import { nameOf, namespaceOf, type ObjectIndex, uidOf } from './object-index';

/** The events of a capture by the object that they are about. */
export class EventIndex {
  readonly all: readonly EventSnapshot[];
  readonly #byUid: ReadonlyMap<string, readonly EventSnapshot[]>;
  readonly #byName: ReadonlyMap<string, readonly EventSnapshot[]>;
  readonly #order: ReadonlyMap<EventSnapshot, number>;

  constructor(index: ObjectIndex) {
    this.all = index.ofKind('Event').map(readEvent);
    this.#byUid = Map.groupBy(this.all, ({ involved }) => involved.uid);
    this.#byName = Map.groupBy(this.all, ({ involved }) => nameKey(involved.kind, involved.namespace, involved.name));
    this.#order = new Map(this.all.map((event, at) => [event, at]));
  }

  /** Events of a pod, its owners, its node and its claims, as they stand in the capture. An event that names no uid counts by name. */
  of(pod: KubeObject, chain: readonly KubeObject[], claims: ReadonlySet<string>): readonly EventSnapshot[] {
    const found = new Set<EventSnapshot>();
    const take = (events: readonly EventSnapshot[] | undefined) => {
      for (const event of events ?? []) found.add(event);
    };
    const namespace = namespaceOf(pod);
    for (const one of [pod, ...chain]) {
      if (uidOf(one)) take(this.#byUid.get(uidOf(one)));
      const named = this.#byName.get(nameKey(textAt(one, 'kind'), namespace, nameOf(one)));
      take(named?.filter(({ involved }) => involved.uid === '' || uidOf(one) === ''));
    }
    // Events of a static pod carry the kubelet's own uid of it.
    const mirror = textAt(pod, 'metadata', 'annotations', 'kubernetes.io/config.mirror');
    if (mirror) take(this.#byUid.get(mirror));
    for (const claim of claims) take(this.#byName.get(nameKey('PersistentVolumeClaim', namespace, claim)));
    const node = textAt(pod, 'spec', 'nodeName');
    if (node) for (const place of ['', 'default', namespace]) take(this.#byName.get(nameKey('Node', place, node)));
    return [...found].toSorted((a, b) => (this.#order.get(a) ?? 0) - (this.#order.get(b) ?? 0));
  }
}

const nameKey = (kind: string, namespace: string, name: string): string => [kind, namespace, name].join('\0');
