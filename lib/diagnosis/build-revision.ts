import { redactText, redactValue } from '@/lib/domain/redact/text';
import { parseKubeTime } from '@/lib/domain/time';
import type { RevisionEvidence } from './evidence';
import type { KubeObject } from './evidence-source';
import { at, numberAt, objectAt, textAt } from './read-object';

/** Labels and annotations that controllers add to a template and that mean nothing to a person. */
const IGNORED = /(pod-template-hash|controller-revision-hash|restartedAt|last-applied-configuration|creationTimestamp)/;
const MOST_CHANGES = 60;

/** One revision of a workload's pod template. */
interface Revision {
  readonly number: number;
  readonly hash: string;
  readonly uid: string;
  readonly at: number | null;
  readonly template: unknown;
}

function toRevision(raw: KubeObject): Revision {
  const isController = raw.kind === 'ControllerRevision';
  return {
    number: isController
      ? (numberAt(raw, 'revision') ?? 0)
      : Number(textAt(raw, 'metadata', 'annotations', 'deployment.kubernetes.io/revision')) || 0,
    hash:
      textAt(raw, 'metadata', 'labels', 'pod-template-hash') ||
      textAt(raw, 'metadata', 'labels', 'controller.kubernetes.io/hash') ||
      textAt(raw, 'metadata', 'labels', 'controller-revision-hash') ||
      textAt(raw, 'metadata', 'name'),
    uid: textAt(raw, 'metadata', 'uid'),
    at: parseKubeTime(textAt(raw, 'metadata', 'creationTimestamp')),
    template: isController ? at(raw, 'data', 'spec', 'template') : at(raw, 'spec', 'template'),
  };
}

/** Lists are compared by the members' names (containers, env, volumes) where they have them, else by place. */
function keyed(list: readonly unknown[]): Map<string, unknown> {
  const seen = new Map<string, unknown>();
  list.forEach((item, index) => {
    const name = textAt(item, 'name') || textAt(item, 'mountPath');
    seen.set(name && !seen.has(`[${name}]`) ? `[${name}]` : `[${index}]`, item);
  });
  return seen;
}

function toText(path: string, value: unknown): string {
  if (value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const env = /\.env\[([^\]]{1,253})\]/.exec(path)?.[1];
  return env === undefined ? redactText(text) : redactEnv(env, value, text);
}

function redactEnv(name: string, value: unknown, text: string): string {
  if (typeof value === 'string') return redactValue(name, value);
  const literal = at(value, 'value');
  return typeof literal === 'string' ? redactValue(name, literal) : redactText(text);
}

/** A path in the pod template whose value changed; both values as text, credentials redacted. */
export type RevisionChange = RevisionEvidence['changes'][number];

function compare(before: unknown, after: unknown, path: string, out: RevisionChange[]): void {
  if (out.length >= MOST_CHANGES || IGNORED.test(path)) return;
  if (Array.isArray(before) && Array.isArray(after) && [...before, ...after].some((item) => typeof item === 'object')) {
    const left = keyed(before);
    const right = keyed(after);
    for (const key of new Set([...left.keys(), ...right.keys()])) {
      compare(left.get(key), right.get(key), `${path}${key}`, out);
    }
    return;
  }
  const left = objectAt(before);
  const right = objectAt(after);
  if (left && right) {
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
      compare(left[key], right[key], path ? `${path}.${key}` : key, out);
    }
    return;
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  out.push({ path, before: toText(path, before), after: toText(path, after) });
}

/** ReplicaSets or ControllerRevisions as revisions, oldest first. */
export function revisionsOf(raw: readonly KubeObject[]): readonly Revision[] {
  return raw.map(toRevision).toSorted((a, b) => a.number - b.number);
}

/** What differs between two pod templates, without what controllers add to them. */
export function compareTemplates(before: unknown, after: unknown): readonly RevisionChange[] {
  const changes: RevisionChange[] = [];
  compare(before, after, '', changes);
  return changes;
}

/**
 * The difference between the revision the pod was made from and the one before it, or null where there is no
 * earlier one. `podHash` is the pod's template hash label.
 */
export function buildRevision(raw: readonly KubeObject[], podHash: string): RevisionEvidence | null {
  const revisions = revisionsOf(raw);
  const own = revisions.findIndex((revision) => podHash !== '' && revision.hash === podHash);
  const index = own >= 0 ? own : revisions.length - 1;
  const current = revisions[index];
  const earlier = revisions[index - 1];
  if (!current || !earlier) return null;
  return {
    number: String(current.number),
    at: current.at,
    changes: compareTemplates(earlier.template, current.template),
  };
}
