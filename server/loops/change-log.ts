import {
  configChangesOf,
  configKeys,
  type FoundChange,
  type RevisionPod,
  rolloutsOf,
} from '@/lib/diagnosis/build-changes';
import type { KubeObject, Part } from '@/lib/diagnosis/evidence-source';
import type { EventSnapshot, PodSnapshot } from '@/lib/domain/pod-snapshot';
import type { EpochMs } from '@/lib/domain/time';
import type { StoredChange } from '@/server/store/store';
import { type KnownChange, knownChanges } from '@/server/view/known-changes';

const KEEP_MS = 14 * 86_400_000;
const CONFIGS_MAX = 2_000;

/** What a diagnosis has read of a workload's past. */
export interface ChangeSource {
  readonly namespace: string;
  readonly revisions: Part<readonly KubeObject[]>;
  readonly configMaps: Part<readonly KubeObject[]>;
  readonly pods: readonly RevisionPod[];
  /** Events of the workload's earlier ReplicaSets. */
  readonly events: readonly EventSnapshot[];
  readonly now: EpochMs;
}

/** Finds what was changed about a workload in what its diagnoses read anyway. Remembers ConfigMaps, not their values. */
export class ChangeLog {
  /** By `namespace/name`; the oldest go first. */
  #configs = new Map<string, ReadonlyMap<string, string>>();

  /** What a diagnosis shows to have changed in the last two weeks; what was recorded already is given again. */
  find(source: ChangeSource): readonly StoredChange[] {
    const { namespace, revisions, configMaps, pods, events, now } = source;
    const found: FoundChange[] = [];
    if ('value' in revisions) found.push(...rolloutsOf(revisions.value, pods));
    if ('value' in configMaps) {
      const known = new Map<string, ReadonlyMap<string, string>>();
      for (const map of configMaps.value) {
        const name = nameOf(map);
        const before = this.#configs.get(`${namespace}/${name}`);
        if (before) known.set(name, before);
      }
      found.push(...configChangesOf(configMaps.value, known));
      for (const map of configMaps.value) this.#remember(`${namespace}/${nameOf(map)}`, configKeys(map));
    }
    const changes = found.map(({ kind, at, text, short }) => ({ kind, at, text, detail: JSON.stringify({ short }) }));
    return [...changes, ...events.flatMap(podGoneOf)].filter(({ at }) => at > now - KEEP_MS && at <= now);
  }

  #remember(key: string, keys: ReadonlyMap<string, string>): void {
    this.#configs.delete(key);
    this.#configs.set(key, keys);
    for (const oldest of this.#configs.keys()) {
      if (this.#configs.size <= CONFIGS_MAX) break;
      this.#configs.delete(oldest);
    }
  }
}

/**
 * Leaves out what is recorded: the same change, told again with fewer words because the version before was not seen, is no other
 * one.
 */
export function newChanges(found: readonly StoredChange[], recorded: readonly StoredChange[]): readonly StoredChange[] {
  const keyOf = ({ kind, at, text, pod, short }: KnownChange) =>
    kind === 'pod-gone' ? `pod-gone ${pod || text}` : `${kind} ${at} ${short}`;
  const known = new Set(knownChanges(recorded).map(keyOf));
  return found.filter((change) => knownChanges([change]).every((one) => !known.has(keyOf(one))));
}

/** The record of a pod that the watch saw deleted. */
export function podGone(pod: PodSnapshot, now: EpochMs): StoredChange {
  const detail = JSON.stringify({ pod: pod.name, hash: pod.templateHash, createdAt: pod.createdAt });
  return { kind: 'pod-gone', at: now, text: `pod ${pod.name} deleted`, detail };
}

/** "Deleted pod: web-7d9f-abcde", as a ReplicaSet's controller writes it (`pkg/controller/controller_utils.go`). */
function podGoneOf(event: EventSnapshot): readonly StoredChange[] {
  const { involved, message, reason } = event;
  const at = event.last ?? event.first;
  const pod = message.startsWith('Deleted pod: ') ? message.slice('Deleted pod: '.length) : '';
  if (reason !== 'SuccessfulDelete' || at === null || pod === '' || !pod.startsWith(`${involved.name}-`)) return [];
  const hash = involved.name.slice(involved.name.lastIndexOf('-') + 1);
  return [{ kind: 'pod-gone', at, text: `pod ${pod} deleted`, detail: JSON.stringify({ pod, hash, createdAt: null }) }];
}

function nameOf(object: KubeObject): string {
  const metadata = object.metadata as { readonly name?: unknown } | undefined;
  return typeof metadata?.name === 'string' ? metadata.name : '';
}
