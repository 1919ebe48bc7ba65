import type { OwnerReference, PodCondition, PodSnapshot } from '@/lib/domain/pod-snapshot';

const ENTRIES_MAX = 100_000;

/**
 * Shares what repeats over thousands of pods (namespaces, nodes, images, owners, the list of a template's containers), so that a
 * healthy pod costs less than 1 KB. Forgets everything at 100,000 entries: then sharing starts over, nothing breaks.
 */
export class Interner {
  readonly #strings = new Map<string, string>();
  readonly #owners = new Map<string, OwnerReference>();
  readonly #specs = new Map<string, PodSnapshot['specContainers']>();

  /** Gives the one copy of a text. */
  string(text: string): string {
    if (text === '') return '';
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    if (this.#strings.size >= ENTRIES_MAX) this.#strings.clear();
    this.#strings.set(text, text);
    return text;
  }

  /** Gives the one copy of an owner reference. */
  owner(apiVersion: string, kind: string, name: string, uid: string): OwnerReference {
    const known = this.#owners.get(uid);
    if (known && known.name === name && known.kind === kind && known.apiVersion === apiVersion) return known;
    if (this.#owners.size >= ENTRIES_MAX) this.#owners.clear();
    const owner = { apiVersion: this.string(apiVersion), kind: this.string(kind), name, uid };
    this.#owners.set(uid, owner);
    return owner;
  }

  /** Gives the one copy of a list of spec containers. */
  specContainers(list: PodSnapshot['specContainers']): PodSnapshot['specContainers'] {
    const key = list.map((container) => `${container.type} ${container.name} ${container.image}`).join('\n');
    const known = this.#specs.get(key);
    if (known) return known;
    if (this.#specs.size >= ENTRIES_MAX) this.#specs.clear();
    this.#specs.set(key, list);
    return list;
  }
}

/** Condition types that are kept. */
export const KEPT_CONDITIONS: ReadonlySet<string> = new Set(['PodScheduled', 'Initialized', 'Ready']);

const TRUE_CONDITIONS = new Map(
  [...KEPT_CONDITIONS].map((type) => [type, { type, status: 'True', reason: '', message: '', at: null }] as const),
);

/** Gives the shared form of a condition that is True: neither texts nor time. */
export function trueCondition(type: string): PodCondition {
  return TRUE_CONDITIONS.get(type) ?? { type, status: 'True', reason: '', message: '', at: null };
}

const COMMON_CONDITIONS = new Map<string, readonly PodCondition[]>();

/** Gives the one copy of a list in which every condition is True. */
export function shareConditions(list: readonly PodCondition[]): readonly PodCondition[] {
  let key = '';
  for (const condition of list) {
    if (condition !== TRUE_CONDITIONS.get(condition.type)) return list;
    key += `${condition.type} `;
  }
  const known = COMMON_CONDITIONS.get(key);
  if (known) return known;
  // Three types in any order, each possibly repeated by a hostile server: keep the few that occur.
  if (COMMON_CONDITIONS.size < 64) COMMON_CONDITIONS.set(key, list);
  return list;
}

/** Bytes kept of a text that a pod or an event carries: the kubelet's own limit for termination messages. */
export const MESSAGE_BYTES_MAX = 4096;
