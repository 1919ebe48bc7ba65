import { z } from 'zod';
import type { KubeObject, LogText, Part } from '@/lib/diagnosis/evidence-source';
import { readEvent } from '@/lib/diagnosis/read-event';
import { UnloopError } from '@/lib/domain/unloop-error';
import {
  type Manifest,
  type ManifestList,
  type ManifestLog,
  type ManifestPart,
  ManifestSchema,
  RecordedRunSchema,
} from './manifest';
import type { EvidenceRecord } from './pack-record';

const ObjectSchema: z.ZodType<KubeObject> = z.record(z.string(), z.unknown());
const ListSchema = z.object({ items: z.array(ObjectSchema) });
const RunsSchema = z.array(RecordedRunSchema);

/** Where the texts are that a manifest names. */
export interface RecordTexts {
  /** The text of a name, or undefined where it is lost. */
  text(name: string): string | undefined;
  /** The log that is kept with a run. */
  logOfRun(run: string): Part<LogText>;
}

/**
 * Reads a manifest from its JSON text.
 * @throws UnloopError `store-failed` for anything that no version of Unloop wrote
 */
export function readManifest(text: string): Manifest {
  try {
    return ManifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw damaged('its list of parts is of no form that this version knows', cause);
  }
}

/**
 * Puts a record together again.
 * @throws UnloopError `store-failed` that names the part that is lost or damaged
 */
export function unpackRecord(manifest: Manifest, texts: RecordTexts): EvidenceRecord {
  const textOf = (what: string, name: string): string => {
    const text = texts.text(name);
    if (text === undefined) throw damaged(`its ${what} is lost`);
    return text;
  };
  const read = <T>(what: string, name: string, schema: z.ZodType<T>): T => {
    const text = textOf(what, name);
    try {
      return schema.parse(JSON.parse(text));
    } catch (cause) {
      throw damaged(`its ${what} cannot be read`, cause);
    }
  };
  const part = <T>(one: ManifestPart, take: (name: string) => T): Part<T> =>
    'missing' in one ? { missing: one.missing } : { value: take(one.name) };
  const object = (what: string, one: ManifestPart) => part(one, (name) => read(what, name, ObjectSchema));
  const listed = (what: string, one: ManifestPart) => part(one, (name) => read(what, name, ListSchema).items);
  const list = (what: string, one: ManifestList): Part<readonly KubeObject[]> =>
    'missing' in one ? { missing: one.missing } : { value: one.names.map((name) => read(what, name, ObjectSchema)) };
  const log = (what: string, one: ManifestLog): Part<LogText> => {
    if ('missing' in one) return { missing: one.missing };
    if ('held' in one) return texts.logOfRun(one.run);
    const text = textOf(what, one.name);
    const { headLength, tailLength, skippedLines, stamped } = one;
    const tail = tailLength === 0 ? '' : text.slice(-tailLength);
    return { value: { head: text.slice(0, headLength), tail, skippedLines, stamped } };
  };
  const { at, cluster, workload, container, logs, said } = manifest;
  const events = listed('events', manifest.events);
  return {
    source: {
      now: at,
      cluster,
      workload,
      container,
      pod: read('pod', manifest.pod, ObjectSchema),
      runs: read('runs', manifest.runs, RunsSchema),
      previousLog: log('log of the crashed run', logs.previous),
      currentLog: log('log of the run that is alive', logs.current),
      firstLog: log('log of the first crash', logs.first),
      events: 'missing' in events ? events : { value: events.value.map(readEvent) },
      node: object('node', manifest.node),
      siblings: listed('other replicas', manifest.siblings),
      owner: object('owner', manifest.owner),
      revisions: list('revisions', manifest.revisions),
      references: list('ConfigMaps', manifest.references),
      services: listed('Services', manifest.services),
      claims: list('volume claims', manifest.claims),
      policies: listed('network policies', manifest.policies),
    },
    logRuns: { previous: logs.previous.run, current: logs.current.run, first: logs.first.run },
    said,
  };
}

function damaged(what: string, cause?: unknown): UnloopError {
  return new UnloopError('store-failed', `A record of evidence is damaged: ${what}.`, '', { cause });
}
