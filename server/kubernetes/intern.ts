import type {
  ContainerRestart,
  OwnerReference,
  PodCondition,
  PodSnapshot,
  RestartRule,
  SpecContainer,
} from '@/lib/domain/pod-snapshot';

const ENTRIES_MAX = 100_000;
/** Slots of the table by bytes; a power of two. */
const SLOTS = 8192;
const SLOT_BYTES_MAX = 96;

interface Slot {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/**
 * Shares what repeats over thousands of pods (namespaces, nodes, images, owners, the list of a template's containers), so that a
 * healthy pod costs less than 1 KB. Forgets everything at 100,000 entries: then sharing starts over, nothing breaks.
 */
export class Interner {
  readonly #strings = new Map<string, string>();
  readonly #owners = new Map<string, OwnerReference>();
  readonly #specs = new Map<string, PodSnapshot['specContainers']>();
  readonly #restarts = new Map<string, ContainerRestart>();
  readonly #slots: (Slot | undefined)[] = new Array<Slot | undefined>(SLOTS).fill(undefined);

  /** The one copy of a text. */
  string(text: string): string {
    if (text === '') return '';
    const known = this.#strings.get(text);
    if (known !== undefined) return known;
    if (this.#strings.size >= ENTRIES_MAX) this.#strings.clear();
    this.#strings.set(text, text);
    return text;
  }

  /**
   * The one copy of the UTF-8 text in `buffer[start..end)`. A text seen before is recognised by its bytes: no string is made,
   * which is what most of the time of decoding would go into.
   */
  bytes(buffer: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length === 0) return '';
    if (length > SLOT_BYTES_MAX) return this.string(buffer.toString('utf8', start, end));
    let hash = length;
    for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (buffer[at] ?? 0)) | 0;
    const index = (hash ^ (hash >>> 13)) & (SLOTS - 1);
    const slot = this.#slots[index];
    if (slot && isSame(slot.bytes, buffer, start, length)) return slot.text;
    const text = this.string(buffer.toString('utf8', start, end));
    this.#slots[index] = { bytes: Uint8Array.prototype.slice.call(buffer, start, end), text };
    return text;
  }

  /** The one copy of an owner reference. */
  owner(apiVersion: string, kind: string, name: string, uid: string): OwnerReference {
    const known = this.#owners.get(uid);
    if (known && known.name === name && known.kind === kind && known.apiVersion === apiVersion) return known;
    if (this.#owners.size >= ENTRIES_MAX) this.#owners.clear();
    const owner = { apiVersion: this.string(apiVersion), kind: this.string(kind), name, uid };
    this.#owners.set(uid, owner);
    return owner;
  }

  /**
   * A container of the spec, of what its `restartPolicy` makes it: an init container that is always restarted is a sidecar. Its own
   * policy is kept where it says more than the type, in one copy for all containers that have the same.
   */
  specContainer(
    name: string,
    image: string,
    isInit: boolean,
    policy: string,
    rules: readonly RestartRule[],
  ): SpecContainer {
    const type = isInit ? (policy === 'Always' ? 'sidecar' : 'init') : 'app';
    if (policy === '' || (type === 'sidecar' && rules.length === 0)) return { name, type, image };
    return { name, type, image, restart: this.#restart(policy, rules) };
  }

  #restart(policy: string, rules: readonly RestartRule[]): ContainerRestart {
    const key = JSON.stringify([policy, rules.map(({ action, operator, codes }) => [action, operator, codes])]);
    const known = this.#restarts.get(key);
    if (known) return known;
    if (this.#restarts.size >= ENTRIES_MAX) this.#restarts.clear();
    const restart = { policy, rules };
    this.#restarts.set(key, restart);
    return restart;
  }

  /** The one copy of a list of spec containers among the pods of one owner. Names and images must be interned. */
  specContainers(list: PodSnapshot['specContainers'], ownerUid: string): PodSnapshot['specContainers'] {
    const known = this.#specs.get(ownerUid);
    if (known && isSameSpec(known, list)) return known;
    if (this.#specs.size >= ENTRIES_MAX) this.#specs.clear();
    this.#specs.set(ownerUid, list);
    return list;
  }
}

function isSame(bytes: Uint8Array, buffer: Buffer, start: number, length: number): boolean {
  if (bytes.length !== length) return false;
  for (let at = 0; at < length; at++) if (bytes[at] !== buffer[start + at]) return false;
  return true;
}

function isSameSpec(a: PodSnapshot['specContainers'], b: PodSnapshot['specContainers']): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) {
    const [one, other] = [a[at], b[at]];
    if (one?.name !== other?.name || one?.image !== other?.image || one?.type !== other?.type) return false;
    if (one?.restart !== other?.restart) return false;
  }
  return true;
}

/** Condition types that are kept. */
export const KEPT_CONDITIONS: ReadonlySet<string> = new Set(['PodScheduled', 'Initialized', 'Ready']);

const TRUE_CONDITIONS = new Map(
  [...KEPT_CONDITIONS].map((type) => [type, { type, status: 'True', reason: '', message: '', at: null }] as const),
);

/** The shared form of a condition that is True: neither texts nor time. */
export function trueCondition(type: string): PodCondition {
  return TRUE_CONDITIONS.get(type) ?? { type, status: 'True', reason: '', message: '', at: null };
}

const COMMON_CONDITIONS: (readonly PodCondition[])[] = [];
/** Three types in any order are few lists; a hostile server's repetitions are not kept. */
const COMMON_CONDITIONS_MAX = 32;

/** The one copy of a list in which every condition is True. */
export function shareConditions(list: readonly PodCondition[]): readonly PodCondition[] {
  for (const condition of list) if (condition !== TRUE_CONDITIONS.get(condition.type)) return list;
  for (const known of COMMON_CONDITIONS) {
    if (known.length === list.length && known.every((condition, at) => condition === list[at])) return known;
  }
  if (COMMON_CONDITIONS.length < COMMON_CONDITIONS_MAX) COMMON_CONDITIONS.push(list);
  return list;
}

/** Bytes kept of a text that a pod or an event carries: the kubelet's own limit for termination messages. */
export const MESSAGE_BYTES_MAX = 4096;
