import { z } from 'zod';
import {
  configChangesOf,
  configKeys,
  type FoundChange,
  type RevisionPod,
  revisionMarks,
  rolloutsOf,
} from '@/lib/diagnosis/build-changes';
import type { KubeObject, Part } from '@/lib/diagnosis/evidence-source';
import { CHANGE_KINDS, changesBeforeEnd, changesBeforeStart, type LoopChange } from '@/lib/domain/loop-changes';
import type { EventSnapshot, PodSnapshot } from '@/lib/domain/pod-snapshot';
import type { EpochMs } from '@/lib/domain/time';
import { formatDuration } from '@/lib/format/duration';
import type { StoredChange } from '@/server/store/store';

const KEEP_MS = 14 * 86_400_000;
const CONFIGS_MAX = 2_000;

const KindSchema = z.enum(CHANGE_KINDS);
const DetailSchema = z.object({
  short: z.string().optional(),
  pod: z.string().optional(),
  hash: z.string().optional(),
  createdAt: z.number().nullable().optional(),
});

/** A recorded change as it was found; `pod`, `hash` and `createdAt` are of a pod that was deleted. */
export interface KnownChange extends LoopChange {
  readonly short: string;
  readonly pod: string;
  readonly hash: string;
  readonly createdAt: EpochMs | null;
}

/** Reads recorded changes, oldest first; rows of a kind that this version does not know are left out. */
export function knownChanges(stored: readonly StoredChange[]): readonly KnownChange[] {
  return stored
    .flatMap((change): KnownChange[] => {
      const kind = KindSchema.safeParse(change.kind);
      if (!kind.success) return [];
      const detail = DetailSchema.safeParse(change.detail === null ? {} : JSON.parse(change.detail)).data;
      return [
        {
          kind: kind.data,
          at: change.at,
          text: change.text,
          short: detail?.short ?? change.text,
          pod: detail?.pod ?? '',
          hash: detail?.hash ?? '',
          createdAt: detail?.createdAt ?? null,
        },
      ];
    })
    .sort((a, b) => a.at - b.at);
}

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

  /** Gives what a diagnosis shows to have changed in the last two weeks; what was recorded already is given again. */
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
  const keyOf = ({ kind, at, text, detail }: StoredChange) => {
    const parsed = DetailSchema.safeParse(detail === null ? {} : JSON.parse(detail)).data;
    return kind === 'pod-gone' ? `pod-gone ${parsed?.pod ?? text}` : `${kind} ${at} ${parsed?.short ?? text}`;
  };
  const known = new Set(recorded.map(keyOf));
  return found.filter((change) => !known.has(keyOf(change)));
}

/** Gives the record of a pod that the watch saw deleted. */
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

/** Gives the change that a row names: what came before the first crash, as one; null where nothing is known to have. */
export function startingChange(
  changes: readonly StoredChange[],
  since: EpochMs,
): { kind: string; at: string; text: string } | null {
  const before = changesBeforeStart(knownChanges(changes), since);
  const newest = before.at(-1);
  if (newest === undefined) return null;
  const leadMs = Math.max(0, since - newest.at);
  const lead = leadMs < 1000 ? 'right' : formatDuration(leadMs);
  const text = `${before.map(({ short }) => short).join(' and ')}, ${lead} before`;
  return { kind: newest.kind, at: new Date(newest.at).toISOString(), text };
}

/** Gives in words what came before a loop ran well again, or null where nothing is known to have changed. */
export function endingChange(changes: readonly StoredChange[], since: EpochMs, heldSince: EpochMs): string | null {
  const before = changesBeforeEnd(knownChanges(changes), since, heldSince);
  return before.length === 0 ? null : before.map(({ text }) => text).join('; ');
}

/** Gives the revisions of a workload for naming those of its pods. */
export function revisionNames(
  revisions: Part<readonly KubeObject[]>,
  pods: readonly RevisionPod[],
): { number: string; hash: string }[] {
  if ('missing' in revisions) return [];
  return revisionMarks(revisions.value, pods).map(({ number, hash }) => ({ number, hash }));
}

function nameOf(object: KubeObject): string {
  const metadata = object.metadata as { readonly name?: unknown } | undefined;
  return typeof metadata?.name === 'string' ? metadata.name : '';
}
