import { createHash } from 'node:crypto';
import { namespaceOfLoop, type Run } from '@/lib/domain/loop';
import { clean, type Db, inTurns, type Trx } from './schema';

/** Query part: the key of a cluster, or SQL null where nothing of it is stored. */
export function clusterKeyOf(db: Db, cluster: string) {
  return db.selectFrom('cluster').select('cluster.key').where('cluster.name', '=', clean(cluster));
}

/** Query part: the key of a loop, or SQL null where nothing of it is stored. */
export function loopKeyOf(db: Db, cluster: string, loopId: string) {
  return db
    .selectFrom('loop')
    .select('loop.key')
    .where('loop.cluster_key', '=', clusterKeyOf(db, cluster))
    .where('loop.id', '=', clean(loopId));
}

/** The key of a cluster, made where it was not yet known. */
export async function clusterKey(trx: Trx, cluster: string): Promise<number> {
  const found = await clusterKeyOf(trx, cluster).executeTakeFirst();
  if (found) return found.key;
  const made = await trx
    .insertInto('cluster')
    .values({ name: clean(cluster) })
    .returning('key')
    .executeTakeFirstOrThrow();
  return made.key;
}

/** The keys of loops by id, made where they were not yet known. Takes ids with their namespaces. */
export async function loopKeys(
  trx: Trx,
  cluster: number,
  namespaceById: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, number>> {
  const keys = new Map<string, number>();
  for await (const ids of inTurns([...namespaceById.keys()])) {
    const found = await trx
      .selectFrom('loop')
      .select(['id', 'key'])
      .where('cluster_key', '=', cluster)
      .where('id', 'in', ids)
      .execute();
    for (const { id, key } of found) keys.set(id, key);
  }
  const absent = [...namespaceById].filter(([id]) => !keys.has(id));
  for await (const slice of inTurns(absent)) {
    const made = await trx
      .insertInto('loop')
      .values(slice.map(([id, namespace]) => ({ cluster_key: cluster, id, namespace })))
      .returning(['id', 'key'])
      .execute();
    for (const { id, key } of made) keys.set(id, key);
  }
  return keys;
}

/** The key of one loop, made where it was not yet known. The namespace is the second part of a loop's id. */
export async function loopKey(trx: Trx, cluster: string, loopId: string): Promise<number> {
  const id = clean(loopId);
  const keys = await loopKeys(trx, await clusterKey(trx, cluster), new Map([[id, namespaceOfLoop(id)]]));
  return needed(keys, id);
}

/** Stands for a container of a pod as `run` describes it, within its loop. */
export function podDigest(run: Run): string {
  const parts = [run.podUid, run.podName, run.namespace, run.container, run.containerType, run.nodeName, run.image];
  return digestOf(parts);
}

/** 128 bits that stand for a list of texts, for unique keys over texts too long for an index. */
export function digestOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22);
}

/** The keys of the pods' containers by `<loop key>.<digest>`, made where they were not yet known. */
export async function podKeys(
  trx: Trx,
  runs: readonly { readonly run: Run; readonly loopKey: number; readonly digest: string }[],
): Promise<ReadonlyMap<string, number>> {
  const keys = new Map<string, number>();
  const wanted = new Map(runs.map((entry) => [`${entry.loopKey}.${entry.digest}`, entry]));
  for await (const slice of inTurns([...wanted.values()])) {
    const found = await trx
      .selectFrom('pod_container')
      .select(['key', 'loop_key', 'digest'])
      .where('loop_key', 'in', [...new Set(slice.map((entry) => entry.loopKey))])
      .where('digest', 'in', [...new Set(slice.map((entry) => entry.digest))])
      .execute();
    for (const { key, loop_key, digest } of found) keys.set(`${loop_key}.${digest}`, key);
  }
  const absent = [...wanted].filter(([id]) => !keys.has(id)).map(([, entry]) => entry);
  for await (const slice of inTurns(absent)) {
    const made = await trx
      .insertInto('pod_container')
      .values(
        slice.map(({ run, loopKey: loop, digest }) => ({
          loop_key: loop,
          digest,
          pod_uid: clean(run.podUid),
          pod_name: clean(run.podName),
          namespace: clean(run.namespace),
          container: clean(run.container),
          container_type: run.containerType,
          node_name: clean(run.nodeName),
          image: clean(run.image),
        })),
      )
      .returning(['key', 'loop_key', 'digest'])
      .execute();
    for (const { key, loop_key, digest } of made) keys.set(`${loop_key}.${digest}`, key);
  }
  return keys;
}

/** The value of a key that was just made sure of. */
export function needed<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key);
  if (value === undefined) throw new Error(`no key for ${String(key)}`);
  return value;
}
