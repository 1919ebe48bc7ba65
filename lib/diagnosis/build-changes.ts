import type { LoopChange } from '@/lib/domain/loop-changes';
import { type EpochMs, parseKubeTime } from '@/lib/domain/time';
import { compareTemplates, type RevisionChange, revisionsOf } from './build-revision';
import type { KubeObject } from './evidence-source';
import { objectAt, textAt } from './read-object';

/** A revision of a workload: its number, the hash its pods carry, and when it came into force, as far as known. */
export interface RevisionMark {
  readonly number: string;
  readonly hash: string;
  readonly at: EpochMs | null;
}

/** A rollout or another version of a ConfigMap, with the paths that differ. */
export interface FoundChange extends LoopChange {
  readonly short: string;
}

/** What a pod says about when its revision was rolled out. */
export interface RevisionPod {
  readonly hash: string;
  readonly createdAt: EpochMs | null;
}

/** So much of a change is said in a sentence. */
const PARTS_MAX = 3;

/**
 * The revisions of a workload (ReplicaSets or ControllerRevisions), oldest first. A rollback takes an old one up again:
 * it keeps its creation time, so its instant is that of the oldest of its pods that was made after the revision before it.
 */
export function revisionMarks(raw: readonly KubeObject[], pods: readonly RevisionPod[]): readonly RevisionMark[] {
  let latest = Number.NEGATIVE_INFINITY;
  return revisionsOf(raw).map(({ number, hash, at: createdAt }) => {
    const isTakenUpAgain = createdAt !== null && createdAt < latest;
    const made = pods.flatMap((pod) =>
      pod.hash === hash && (pod.createdAt ?? 0) > latest ? [pod.createdAt ?? 0] : [],
    );
    const since = !isTakenUpAgain ? createdAt : made.length > 0 ? Math.min(...made) : null;
    latest = Math.max(latest, since ?? createdAt ?? latest);
    return { number: String(number), hash, at: since };
  });
}

/** The rollouts among the revisions, each with what it changed; the first revision is none. */
export function rolloutsOf(raw: readonly KubeObject[], pods: readonly RevisionPod[]): readonly FoundChange[] {
  const marks = revisionMarks(raw, pods);
  const revisions = revisionsOf(raw);
  return revisions.flatMap(({ number, template }, i): FoundChange[] => {
    const before = revisions[i - 1];
    const since = marks[i]?.at ?? null;
    if (before === undefined || since === null) return [];
    const parts = describe(compareTemplates(before.template, template));
    const short = `rev ${number}`;
    return [{ kind: 'rollout', at: since, short, text: parts === '' ? `${short}: restarted` : `${short}: ${parts}` }];
  });
}

/** Versions of ConfigMaps as last seen, by name: the keys with a digest of each value. */
export type KnownConfigs = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * The newest change of each ConfigMap that is younger than the object itself. Its instant is the last write of its data
 * that `metadata.managedFields` names, carried as `changedAt`; which keys differ is known where an earlier version was seen.
 */
export function configChangesOf(configMaps: readonly KubeObject[], known: KnownConfigs): readonly FoundChange[] {
  return configMaps.flatMap((map): FoundChange[] => {
    const name = textAt(map, 'metadata', 'name');
    const changedAt = parseKubeTime(textAt(map, 'changedAt'));
    const createdAt = parseKubeTime(textAt(map, 'metadata', 'creationTimestamp'));
    if (changedAt === null || (createdAt !== null && changedAt <= createdAt)) return [];
    const before = known.get(name);
    const keys = before === undefined ? '' : keyWords(before, configKeys(map));
    return [
      { kind: 'config', at: changedAt, short: name, text: `ConfigMap ${name} ${keys === '' ? 'changed' : keys}` },
    ];
  });
}

/** A ConfigMap's keys with what tells one value from another, without keeping the values. */
export function configKeys(map: KubeObject): ReadonlyMap<string, string> {
  const entries = [
    ...Object.entries(objectAt(map, 'data') ?? {}),
    ...Object.entries(objectAt(map, 'binaryData') ?? {}),
  ];
  return new Map(entries.map(([key, value]) => [key, fingerprint(String(value))]));
}

function keyWords(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string {
  const removed = [...before.keys()].filter((key) => !after.has(key));
  const added = [...after.keys()].filter((key) => !before.has(key));
  const changed = [...after].filter(([key, value]) => before.has(key) && before.get(key) !== value).map(([key]) => key);
  return [
    ...(removed.length > 0 ? [`lost ${listed(removed)}`] : []),
    ...(added.length > 0 ? [`got ${listed(added)}`] : []),
    ...(changed.length > 0 ? [`changed ${listed(changed)}`] : []),
  ].join(', ');
}

/** Length and a 53-bit hash (FNV-1a in two halves): enough to see that a value changed. */
function fingerprint(text: string): string {
  let low = 0x811c9dc5;
  let high = 0x1000193;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ (code + i), 0x85ebca6b);
  }
  return `${text.length}.${(low >>> 0).toString(36)}.${(high >>> 0).toString(36)}`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, PARTS_MAX).join(', ');
  return names.length > PARTS_MAX ? `${shown} and ${names.length - PARTS_MAX} more` : shown;
}

/** "image checkout:2.31.0, env DATABASE_URL, memory limit": images first, each place once. */
function describe(changes: readonly RevisionChange[]): string {
  const words = changes.map(({ path, after }) => ({ isImage: path.endsWith('.image'), text: wordOf(path, after) }));
  const sorted = [...words.filter((word) => word.isImage), ...words.filter((word) => !word.isImage)];
  return listed([...new Set(sorted.map((word) => word.text))]);
}

function wordOf(path: string, after: string): string {
  if (path.endsWith('.image')) return after === '' ? 'image' : `image ${after.slice(after.lastIndexOf('/') + 1)}`;
  const env = /\.env\[([^\]]{1,253})\]/.exec(path)?.[1];
  if (env !== undefined) return `env ${env}`;
  const last =
    /\.(resources\.(?:limits|requests)\.[a-z-]{1,40}|(?:liveness|readiness|startup)Probe|command|args|envFrom)/.exec(
      path,
    );
  return last?.[1]?.replace('resources.', '') ?? path.replace(/^spec\./, '');
}
