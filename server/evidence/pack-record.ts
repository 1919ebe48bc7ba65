import { createHash } from 'node:crypto';
import type { EvidenceSource, KubeObject, LogText, Part } from '@/lib/diagnosis/evidence-source';
import { toKubeEvent } from './kube-event';
import {
  MANIFEST_VERSION,
  type Manifest,
  type ManifestList,
  type ManifestLog,
  type ManifestPart,
  type Said,
} from './manifest';

/** Ids of the recorded runs whose logs the evidence holds; null where there is no such run. */
export interface LogRuns {
  readonly previous: string | null;
  readonly current: string | null;
  readonly first: string | null;
}

/** What was collected of one loop, unpacked. */
export interface EvidenceRecord {
  /** As `steadySource` gives it. */
  readonly source: EvidenceSource;
  readonly logRuns: LogRuns;
  /** See `Said`. */
  readonly said: Said | null;
}

/** A record in parts: the manifest names each text of `contents`. */
export interface PackedRecord {
  readonly manifest: Manifest;
  readonly contents: ReadonlyMap<string, string>;
}

/** Where the texts of logs go: `with-runs` leaves those of ended runs where the history has them, `in-record` takes all along. */
export type LogPlacement = 'with-runs' | 'in-record';

/** 128 bits that stand for a text. */
export function contentName(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** What stands between head and tail of a text, for who opens it as a plain file. */
function gapLine(skippedLines: number): string {
  return `\n... ${skippedLines} lines left out ...\n`;
}

function listOf(items: readonly KubeObject[]): KubeObject {
  return { apiVersion: 'v1', kind: 'List', items };
}

/** Packs a record: equal parts of different records get equal names. */
export function packRecord({ source, logRuns, said }: EvidenceRecord, placement: LogPlacement): PackedRecord {
  const contents = new Map<string, string>();
  const keepText = (text: string): string => {
    const name = contentName(text);
    contents.set(name, text);
    return name;
  };
  const keep = (value: unknown): string => keepText(JSON.stringify(value));
  const part = <T>(one: Part<T>, toValue: (value: T) => unknown): ManifestPart =>
    'missing' in one ? { missing: one.missing } : { name: keep(toValue(one.value)) };
  const list = (one: Part<readonly KubeObject[]>): ManifestList =>
    'missing' in one ? { missing: one.missing } : { names: one.value.map(keep) };
  const log = (one: Part<LogText>, run: string | null, isWithRun: boolean): ManifestLog => {
    if ('missing' in one) return { run, missing: one.missing };
    if (isWithRun && run !== null && placement === 'with-runs') return { run, held: 'run' };
    const { head, tail, skippedLines, stamped } = one.value;
    const text = tail === '' && skippedLines === 0 ? head : `${head}${gapLine(skippedLines)}${tail}`;
    return { run, name: keepText(text), headLength: head.length, tailLength: tail.length, skippedLines, stamped };
  };
  const manifest: Manifest = {
    unloopRecord: MANIFEST_VERSION,
    at: source.now,
    cluster: source.cluster,
    workload: source.workload,
    container: source.container,
    pod: keep(source.pod),
    runs: keep(source.runs),
    events: part(source.events, (events) => listOf(events.map(toKubeEvent))),
    node: part(source.node, (node) => node),
    owner: part(source.owner, (owner) => owner),
    siblings: part(source.siblings, listOf),
    services: part(source.services, listOf),
    policies: part(source.policies, listOf),
    revisions: list(source.revisions),
    references: list(source.references),
    claims: list(source.claims),
    logs: {
      previous: log(source.previousLog, logRuns.previous, true),
      // The history has no log of a run that is alive.
      current: log(source.currentLog, logRuns.current, false),
      first: log(source.firstLog, logRuns.first, true),
    },
    said,
  };
  return { manifest, contents };
}
