import type { EpochMs } from '@/lib/domain/time';
import { writeChanges } from './changes';
import { type Engine, inTransaction } from './engine';
import { writeEvents } from './events';
import { loopKey, loopKeyOf, needed } from './keys';
import { type PackedText, packText, unpackText } from './packed-text';
import { clean, inSlices, type Trx } from './schema';
import type { DiagnosisBatch, StoredEvidence } from './store';

/** Writes all of one diagnosis, see `Store.recordDiagnosis`. */
export async function recordDiagnosis(engine: Engine, batch: DiagnosisBatch): Promise<void> {
  const { cluster, loopId, evidence } = batch;
  // Compressed before the transaction: others may write meanwhile.
  const packed = evidence ? await packAbsent(engine, evidence.contents) : new Map<string, PackedText>();
  const manifest = evidence ? await packText(evidence.manifest) : null;
  await inTransaction(engine, async (trx) => {
    const key = await loopKey(trx, cluster, loopId);
    await writeChanges(trx, key, batch.changes);
    await writeEvents(trx, key, batch.events);
    if (!evidence || !manifest) return;
    const freed = await deleteSuperseded(trx, key, evidence.at);
    const parts = await partKeys(trx, evidence.contents, packed);
    const made = await trx
      .insertInto('evidence')
      .values({
        loop_key: key,
        at: evidence.at,
        previous_run: evidence.logRuns.previous === null ? null : clean(evidence.logRuns.previous),
        first_run: evidence.logRuns.first === null ? null : clean(evidence.logRuns.first),
        ...manifest,
      })
      .returning('key')
      .executeTakeFirstOrThrow();
    for (const slice of inSlices(parts)) {
      const rows = slice.map((part) => ({ evidence_key: made.key, part_key: part }));
      await trx.insertInto('evidence_part').values(rows).execute();
    }
    await deleteUnused(trx, freed);
  });
}

/** Packs those of the texts that are not stored yet. */
async function packAbsent(
  { db }: Engine,
  contents: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, PackedText>> {
  const packed = new Map<string, PackedText>();
  for (const names of inSlices([...contents.keys()])) {
    const known = await db.selectFrom('part').select('name').where('name', 'in', names).execute();
    const stored = new Set(known.map(({ name }) => name));
    for (const name of names) if (!stored.has(name)) packed.set(name, await packText(needed(contents, name)));
  }
  return packed;
}

/** The keys of the texts, written where they were not yet known. */
async function partKeys(
  trx: Trx,
  contents: ReadonlyMap<string, string>,
  packed: ReadonlyMap<string, PackedText>,
): Promise<readonly number[]> {
  const keys: number[] = [];
  for (const names of inSlices([...contents.keys()])) {
    const found = await trx.selectFrom('part').select(['name', 'key']).where('name', 'in', names).execute();
    keys.push(...found.map(({ key }) => key));
    const known = new Set(found.map(({ name }) => name));
    for (const name of names) {
      if (known.has(name)) continue;
      // What was stored a moment ago may have been let go since, with the last record that named it.
      const { body, packing } = packed.get(name) ?? (await packText(needed(contents, name)));
      const made = await trx
        .insertInto('part')
        .values({ name, body, packing })
        .returning('key')
        .executeTakeFirstOrThrow();
      keys.push(made.key);
    }
  }
  return keys;
}

/**
 * Deletes what an earlier look at the same episode left: its record, and a diagnosis from before there were records. Gives the
 * keys of the parts that those records named.
 */
async function deleteSuperseded(trx: Trx, loop: number, at: EpochMs): Promise<readonly number[]> {
  const episode = await trx
    .selectFrom('episode')
    .select((eb) => eb.fn.max<number | null>('ended_at').as('ended_at'))
    .where('loop_key', '=', loop)
    .where('ended_at', '<', at)
    .executeTakeFirst();
  const began = episode?.ended_at ?? -1;
  await trx
    .deleteFrom('diagnosis')
    .where('loop_key', '=', loop)
    .where('at', '>', began)
    .where('at', '<=', at)
    .execute();
  const earlier = await trx
    .selectFrom('evidence')
    .select('key')
    .where('loop_key', '=', loop)
    .where('at', '>', began)
    .where('at', '<=', at)
    .execute();
  if (earlier.length === 0) return [];
  const keys = earlier.map(({ key }) => key);
  const parts = await trx
    .selectFrom('evidence_part')
    .select('part_key')
    .distinct()
    .where('evidence_key', 'in', keys)
    .execute();
  await trx.deleteFrom('evidence').where('key', 'in', keys).execute();
  return parts.map((part) => part.part_key);
}

/** Deletes those of the parts that no record names any more. */
async function deleteUnused(trx: Trx, parts: readonly number[]): Promise<void> {
  for (const slice of inSlices(parts)) {
    await trx
      .deleteFrom('part')
      .where('key', 'in', slice)
      .where((eb) =>
        eb.not(eb.exists(eb.selectFrom('evidence_part').select('part_key').whereRef('part_key', '=', 'part.key'))),
      )
      .execute();
  }
}

/** Deletes every part that no record names any more: records also go with their loops. */
export async function deleteUnusedParts(trx: Trx): Promise<void> {
  await trx
    .deleteFrom('part')
    .where((eb) =>
      eb.not(eb.exists(eb.selectFrom('evidence_part').select('part_key').whereRef('part_key', '=', 'part.key'))),
    )
    .execute();
}

/** The ids of the runs whose logs a loop's records refer to. */
export async function citedRuns(trx: Trx, loop: number): Promise<ReadonlySet<string>> {
  const rows = await trx
    .selectFrom('evidence')
    .select(['previous_run', 'first_run'])
    .where('loop_key', '=', loop)
    .execute();
  return new Set(rows.flatMap((row) => [row.previous_run, row.first_run].filter((id) => id !== null)));
}

export async function readEvidence(
  engine: Engine,
  cluster: string,
  loopId: string,
  asOf?: EpochMs,
): Promise<Pick<StoredEvidence, 'at' | 'manifest'> | null> {
  const row = await engine.db
    .selectFrom('evidence')
    .select(['at', 'packing', 'body'])
    .where('loop_key', '=', loopKeyOf(engine.db, cluster, loopId))
    .$if(asOf !== undefined, (query) => query.where('at', '<=', asOf ?? 0))
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ? { at: row.at, manifest: await unpackText(row) } : null;
}

export async function readParts(engine: Engine, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const parts = new Map<string, string>();
  for (const slice of inSlices([...new Set(names)])) {
    const rows = await engine.db
      .selectFrom('part')
      .select(['name', 'packing', 'body'])
      .where('name', 'in', slice)
      .execute();
    for (const row of rows) parts.set(row.name, await unpackText(row));
  }
  return parts;
}
