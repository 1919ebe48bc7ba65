import type { Loop } from '@/lib/contract/loop';
import { countOf } from '@/lib/format/count';

/** Loops with one fingerprint, in the order of the list. */
export interface LoopGroup {
  readonly fingerprint: string;
  readonly loops: readonly Loop[];
}

/** A line of the list: a loop, a group of loops, or where the loops of a group run. */
export type BoardItem =
  | { readonly kind: 'loop'; readonly id: string; readonly loop: Loop; readonly isMember: boolean }
  | { readonly kind: 'group'; readonly id: string; readonly group: LoopGroup; readonly isOpen: boolean }
  | { readonly kind: 'places'; readonly id: string; readonly group: LoopGroup };

/** One line for each loop. */
export function plainItems(loops: readonly Loop[]): BoardItem[] {
  return loops.map((loop) => ({ kind: 'loop', id: loop.id, loop, isMember: false }));
}

/**
 * One line for each failure: loops with one fingerprint stand as a group in the place of the first of them, followed by its
 * loops where it is open. `order` says which loops there are and which belong together, `known` what they are now: so nothing
 * changes its place while the order is held.
 */
export function groupItems(
  order: readonly Loop[],
  known: ReadonlyMap<string, Loop>,
  open: ReadonlySet<string>,
): BoardItem[] {
  const members = new Map<string, Loop[]>();
  for (const loop of order) {
    const print = fingerprintOf(loop);
    if (print === null) continue;
    const group = members.get(print);
    if (group) group.push(known.get(loop.id) ?? loop);
    else members.set(print, [known.get(loop.id) ?? loop]);
  }
  const items: BoardItem[] = [];
  const placed = new Set<string>();
  for (const loop of order) {
    const print = fingerprintOf(loop);
    const loops = print === null ? undefined : members.get(print);
    if (print === null || loops === undefined || loops.length < 2) {
      items.push({ kind: 'loop', id: loop.id, loop: known.get(loop.id) ?? loop, isMember: false });
    } else if (!placed.has(print)) {
      placed.add(print);
      items.push(...linesOf({ fingerprint: print, loops }, open.has(print)));
    }
  }
  return items;
}

function linesOf(group: LoopGroup, isOpen: boolean): BoardItem[] {
  const head: BoardItem = { kind: 'group', id: `group ${group.fingerprint}`, group, isOpen };
  if (!isOpen) return [head];
  const places: BoardItem = { kind: 'places', id: `places ${group.fingerprint}`, group };
  return [head, places, ...group.loops.map((loop): BoardItem => ({ kind: 'loop', id: loop.id, loop, isMember: true }))];
}

/** What has ended is told for itself: it is no failure of now. */
function fingerprintOf({ state, fingerprint }: Loop): string | null {
  return state === 'recovered' || state === 'gone' ? null : (fingerprint ?? null);
}

const SURE = ['certain', 'likely', 'possible'] as const;

/** What the one line of a group says, of all its loops together. */
export interface GroupSummary {
  /** The first loop in the order of the list: the worst. */
  readonly first: Loop;
  /** The one that restarted most: RESTARTS, strip and status are its. */
  readonly busiest: Loop;
  readonly namespaces: readonly string[];
  readonly verdict: Loop['verdict'];
  readonly failing: number;
  readonly total: number;
  readonly since: string;
  /** The change that all have had in common, or null. */
  readonly change: Loop['change'];
}

/** Sums a group up. Throws for one without loops, which does not exist. */
export function summarize({ loops }: LoopGroup): GroupSummary {
  const [first] = loops;
  if (!first) throw new RangeError('a group without loops');
  const verdicts = loops.flatMap(({ verdict }) => (verdict ? [verdict] : []));
  const surest = SURE.map((sure) => verdicts.filter((verdict) => verdict.confidence === sure)).find(
    (found) => found.length > 0,
  );
  return {
    first,
    busiest: loops.reduce((most, loop) => (loop.restarts > most.restarts ? loop : most), first),
    namespaces: [...new Set(loops.map(({ workload }) => workload.namespace))],
    verdict: surest ? tellingMost(surest) : null,
    failing: loops.reduce((sum, { replicas }) => sum + replicas.failing, 0),
    total: loops.reduce((sum, { replicas }) => sum + replicas.total, 0),
    since: loops.reduce((oldest, { since }) => (since < oldest ? since : oldest), first.since),
    change: loops.every(({ change }) => change?.text === first.change?.text) ? first.change : null,
  };
}

/** Of verdicts on one failure: a name tells more than an address, and more words more than fewer. */
function tellingMost(verdicts: readonly NonNullable<Loop['verdict']>[]): Loop['verdict'] {
  const weight = ({ what }: NonNullable<Loop['verdict']>) => (/^\d/.test(what) ? 0 : what.length);
  return verdicts.reduce((best, verdict) => (weight(verdict) > weight(best) ? verdict : best));
}

/** Workloads against nodes: how many replicas fail, and how many there are; null where none is. */
export interface PlaceTable {
  readonly nodes: readonly string[];
  readonly rows: readonly {
    readonly loop: Loop;
    readonly cells: readonly ({ readonly failing: number; readonly total: number } | null)[];
  }[];
  /** Nodes that did not fit. */
  readonly hidden: number;
}

/** More columns than this do not fit a screen. */
const NODES_MAX = 12;

/** Lays out where the replicas of a group are, the nodes where most fail first. */
export function placeTable({ loops }: LoopGroup): PlaceTable {
  const failing = failingByNode(loops);
  const all = [...failing].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([node]) => node);
  const nodes = all.slice(0, NODES_MAX);
  return {
    nodes,
    rows: loops.map((loop) => ({
      loop,
      cells: nodes.map((node) => loop.placement?.find((place) => place.node === node) ?? null),
    })),
    hidden: all.length - nodes.length,
  };
}

function failingByNode(loops: readonly Loop[]): ReadonlyMap<string, number> {
  const failing = new Map<string, number>();
  for (const { placement = [] } of loops) {
    for (const place of placement) failing.set(place.node, (failing.get(place.node) ?? 0) + place.failing);
  }
  return failing;
}

/** Says what the places tell of the failure: one node, some, or all of them. Empty where no replica has a node. */
export function placeWords({ loops }: LoopGroup): string {
  const failing = failingByNode(loops);
  const bad = [...failing].filter(([, count]) => count > 0).map(([node]) => node);
  const count = bad.reduce((sum, node) => sum + (failing.get(node) ?? 0), 0);
  if (bad.length === 0) return '';
  const healthy = failing.size - bad.length;
  if (bad.length === 1) {
    const all = count === 1 ? 'The one that fails is' : `All ${count} that fail are`;
    if (healthy === 0) return `${all} on ${bad[0]}, where all replicas are: this does not tell node from program.`;
    return `${all} on ${bad[0]}, and none of those on ${countOf(healthy, 'other node')}: look at this node first.`;
  }
  if (healthy === 0) return `It fails on all ${bad.length} nodes where it runs: not a matter of one node.`;
  const share = failing.size - healthy;
  return `It fails on ${share} of ${failing.size} nodes: on the others its replicas run.`;
}
