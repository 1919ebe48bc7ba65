import { existsSync, statSync } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { buildEvidence } from '@/lib/diagnosis/build-evidence';
import { isFailing } from '@/lib/diagnosis/diagnose';
import type { EvidenceSource, KubeObject, LogText, Part } from '@/lib/diagnosis/evidence-source';
import { readEvent } from '@/lib/diagnosis/read-event';
import { objectAt, objectsAt, textAt } from '@/lib/diagnosis/read-object';
import type { ContainerType, EventSnapshot } from '@/lib/domain/pod-snapshot';
import { broken, type CaptureHead, listFiles, readHead, readObjects, readText } from './capture-file';
import {
  containerNames,
  indexObjects,
  nameOf,
  namespaceOf,
  type ObjectIndex,
  referredNames,
  servicesWithEndpoints,
  uidOf,
  workloadOf,
} from './object-index';
import { readRecord } from './read-record';
import { runsOfStatus } from './status-runs';

/** An opened capture: what it says of itself and one evidence source for each container that is to be judged. */
export interface Capture {
  readonly path: string;
  readonly title: string;
  readonly sources: readonly EvidenceSource[];
}

const NOT_CAPTURED = 'Not in the capture.';
const LOG_BYTES = 64 * 1024;

/** Keeps head and tail of a log as the recorder does: 64 KiB of each at most. */
function toLogText(text: string): LogText {
  if (text.length <= 2 * LOG_BYTES) return { head: text, tail: '', skippedLines: 0, stamped: isStamped(text) };
  const head = text.slice(0, text.lastIndexOf('\n', LOG_BYTES) + 1 || LOG_BYTES);
  const tailStart = text.indexOf('\n', text.length - LOG_BYTES) + 1 || text.length - LOG_BYTES;
  const skippedLines = text.slice(head.length, tailStart).split('\n').length - 1;
  return { head, tail: text.slice(tailStart), skippedLines, stamped: isStamped(text) };
}

function isStamped(text: string): boolean {
  const lines = text.split('\n', 3).filter((line) => line !== '');
  return (
    lines.length > 0 && lines.every((line) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(?:Z|[+-]\d\d:\d\d) /.test(line))
  );
}

interface Files {
  readonly head: CaptureHead;
  readonly index: ObjectIndex;
  /** Gives the text of a log, or why there is none. */
  log(namespace: string, pod: string, container: string, which: 'current' | 'previous'): Promise<Part<LogText>>;
}

async function readFirst(paths: readonly string[]): Promise<Part<LogText>> {
  const found = paths.find((path) => existsSync(path));
  return found === undefined ? { missing: NOT_CAPTURED } : { value: toLogText(await readText(found)) };
}

async function openOwn(directory: string): Promise<Files> {
  const head = await readHead(join(directory, 'capture.json'));
  const files = await listFiles(join(directory, 'objects'), '.json');
  const objects = (await Promise.all(files.map(readObjects))).flat();
  return {
    head,
    index: indexObjects(objects),
    log: (namespace, pod, container, which) =>
      readFirst([join(directory, 'logs', namespace, pod, container, `${which}.log`)]),
  };
}

const PLAIN_HEAD = (path: string): CaptureHead => ({ unloopCapture: 1, cluster: basename(path), title: '' });
const DUMP_PREVIOUS = /^==== START logs for container/m;

/**
 * A folder of JSON files from `kubectl get -o json`, or the output directory of `kubectl cluster-info dump`: one folder
 * for each namespace with lists, and for each pod a folder with `logs.txt`, where every container's log stands between
 * `==== START logs for container NAME of pod NS/POD ====` and `==== END ... ====`.
 */
async function openPlain(path: string): Promise<Files> {
  const isFile = statSync(path).isFile();
  const files = isFile ? [path] : await listFiles(path, '.json');
  if (files.length === 0) throw broken(path, 'no capture: it holds neither capture.json nor any .json file');
  const objects = (await Promise.all(files.map(readObjects))).flat();
  const logFiles = isFile ? [] : (await listFiles(path, '.txt')).concat(await listFiles(path, '.log'));
  return {
    head: PLAIN_HEAD(path),
    index: indexObjects(objects),
    log: async (namespace, pod, container, which) => {
      const mine = logFiles.filter((file) => file.includes(`${sep}${pod}${sep}`) || basename(file).startsWith(pod));
      for (const file of mine) {
        const text = await readText(file);
        if (!DUMP_PREVIOUS.test(text)) {
          const isPrevious = basename(file).includes('previous');
          if (isPrevious === (which === 'previous') && (file.includes(`${sep}${container}${sep}`) || mine.length === 1))
            return { value: toLogText(text) };
          continue;
        }
        if (which === 'previous') continue;
        const start = `==== START logs for container ${container} of pod ${namespace}/${pod} ====`;
        const from = text.indexOf(start);
        const to = text.indexOf(`==== END logs for container ${container} of pod ${namespace}/${pod} ====`, from);
        if (from >= 0) return dumpedLog(text.slice(from + start.length + 1, to < 0 ? undefined : to));
      }
      return { missing: NOT_CAPTURED };
    },
  };
}

/** kubectl writes why it could not read a log in the log's place (kubectl pkg/cmd/clusterinfo/clusterinfo_dump.go). */
function dumpedLog(text: string): Part<LogText> {
  const refusal = /^(?:Request|Create) log error: ([^\n]{1,500})\n?$/.exec(text)?.[1];
  return refusal === undefined
    ? { value: toLogText(text) }
    : { missing: `The dump could not read the log: ${refusal}` };
}

function newestInstant(index: ObjectIndex): number {
  const times = index.all.flatMap((object) => JSON.stringify(object).match(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g) ?? []);
  const newest = times.reduce((latest, time) => Math.max(latest, Date.parse(time)), 0);
  return newest || Date.now();
}

function eventsFor(
  pod: KubeObject,
  chain: readonly KubeObject[],
  claims: ReadonlySet<string>,
  index: ObjectIndex,
): Part<readonly EventSnapshot[]> {
  const raw = index.ofKind('Event');
  if (raw.length === 0)
    return { missing: 'No events in the capture: they may have expired (a cluster keeps them 1 h).' };
  const uids = new Set([pod, ...chain].map(uidOf));
  const mirror = textAt(pod, 'metadata', 'annotations', 'kubernetes.io/config.mirror');
  if (mirror) uids.add(mirror);
  const names = new Set([pod, ...chain].map((one) => `${textAt(one, 'kind')}/${nameOf(one)}`));
  const node = textAt(pod, 'spec', 'nodeName');
  const value = raw.map(readEvent).filter(({ involved }) => {
    if (uids.has(involved.uid)) return true;
    if (involved.kind === 'Node') return involved.name === node;
    if (involved.namespace !== namespaceOf(pod)) return false;
    return (
      (names.has(`${involved.kind}/${involved.name}`) && involved.uid === '') ||
      (involved.kind === 'PersistentVolumeClaim' && claims.has(involved.name))
    );
  });
  return { value };
}

function some<T>(list: readonly T[]): Part<readonly T[]> {
  return list.length > 0 ? { value: list } : { missing: NOT_CAPTURED };
}

async function sourceFor(files: Files, pod: KubeObject, container: string): Promise<EvidenceSource> {
  const { index, head } = files;
  const namespace = namespaceOf(pod);
  const { workload, chain } = workloadOf(pod, index);
  const owner = chain.at(-1);
  const referred = referredNames(pod);
  const isRevision = (one: KubeObject) =>
    namespaceOf(one) === namespace && workloadOf(one, index).workload.name === workload.name;
  const node = index.find('Node', '', textAt(pod, 'spec', 'nodeName'));
  const [currentLog, previousLog] = await Promise.all([
    files.log(namespace, nameOf(pod), container, 'current'),
    files.log(namespace, nameOf(pod), container, 'previous'),
  ]);
  const type = containerType(pod, container);
  const isEnded = isTerminated(pod, container);
  // Of a container that has just ended, kubectl's current log is the newest ended run's and the previous one the run before.
  const isShifted = isEnded && 'value' in currentLog && 'value' in previousLog;
  return {
    now: head.capturedAt ? Date.parse(head.capturedAt) : newestInstant(index),
    cluster: head.cluster,
    workload,
    container,
    pod,
    runs: runsOfStatus(pod, workload, container, type),
    previousLog: isShifted ? currentLog : previousLog,
    currentLog,
    firstLog: isShifted ? previousLog : { missing: NOT_CAPTURED },
    events: eventsFor(pod, chain, referred.claims, index),
    node: node ? { value: node } : { missing: NOT_CAPTURED },
    siblings: some(
      index
        .ofKind('Pod')
        .filter(
          (other) =>
            other !== pod &&
            namespaceOf(other) === namespace &&
            workloadOf(other, index).workload.name === workload.name &&
            workload.kind !== 'Pod',
        ),
    ),
    owner: owner ? { value: owner } : { missing: workload.kind === 'Pod' ? 'A bare pod has no owner.' : NOT_CAPTURED },
    revisions: some([...index.ofKind('ReplicaSet'), ...index.ofKind('ControllerRevision')].filter(isRevision)),
    references: some(
      [...index.ofKind('ConfigMap'), ...index.ofKind('Secret')].filter(
        (one) =>
          namespaceOf(one) === namespace &&
          (one.kind === 'Secret' ? referred.secrets : referred.configMaps).has(nameOf(one)),
      ),
    ),
    services: some(servicesWithEndpoints(index)),
    claims: some(
      index
        .ofKind('PersistentVolumeClaim')
        .filter((one) => namespaceOf(one) === namespace && referred.claims.has(nameOf(one))),
    ),
    policies: some(index.ofKind('NetworkPolicy').filter((one) => namespaceOf(one) === namespace)),
  };
}

function containerType(pod: KubeObject, name: string): ContainerType {
  const init = objectsAt(pod, 'spec', 'initContainers').find((one) => textAt(one, 'name') === name);
  if (!init) return 'app';
  return textAt(init, 'restartPolicy') === 'Always' ? 'sidecar' : 'init';
}

function isTerminated(pod: KubeObject, name: string): boolean {
  return ['initContainerStatuses', 'containerStatuses'].some((list) =>
    objectsAt(pod, 'status', list).some(
      (one) => textAt(one, 'name') === name && objectAt(one, 'state', 'terminated') !== null,
    ),
  );
}

/** The pods that a capture's target means: its own, those it owns, or all. */
function targetPods(files: Files): readonly KubeObject[] {
  const { target } = files.head;
  const pods = files.index.ofKind('Pod');
  if (!target) return pods;
  return pods.filter((pod) => {
    if (namespaceOf(pod) !== target.namespace) return false;
    if (target.kind === 'Pod') return nameOf(pod) === target.name;
    const { workload, chain } = workloadOf(pod, files.index);
    return (
      (workload.kind === target.kind && workload.name === target.name) ||
      chain.some((one) => textAt(one, 'kind') === target.kind && nameOf(one) === target.name)
    );
  });
}

/**
 * Opens a capture (design: captures), the output directory of `kubectl cluster-info dump --output-directory`, or a file or
 * folder of `kubectl get ... -o json`. A capture that was exported from a record of evidence gives the same source as the record.
 * Otherwise gives one source for the target's container (of the pod that restarted most), or,
 * without a target or container, for every container that fails.
 * @throws UnloopError `bad-request` that names the file and what is wrong with it
 */
export async function readCapture(path: string): Promise<Capture> {
  if (!existsSync(path)) throw broken(path, 'no such file or directory');
  const record = statSync(path).isDirectory() ? await readRecord(path) : null;
  if (record) return { path, title: (await readHead(join(path, 'capture.json'))).title, sources: [record.source] };
  const isOwn = statSync(path).isDirectory() && existsSync(join(path, 'capture.json'));
  const files = isOwn ? await openOwn(path) : await openPlain(path);
  const pods = targetPods(files);
  if (pods.length === 0)
    throw broken(path, files.head.target ? 'no pod of the target stands in it' : 'no pod stands in it');
  const { target, title } = files.head;
  const sources = await Promise.all(
    pods.flatMap((pod) => {
      const names = containerNames(pod).filter((name) => !target?.container || name === target.container);
      return names.map((name) => sourceFor(files, pod, name));
    }),
  );
  if (sources.length === 0) throw broken(path, `no pod of the target has a container ${target?.container ?? ''}`);
  if (target?.container) return { path, title, sources: worst(sources) };
  return { path, title, sources: sources.filter((source) => isFailing(buildEvidence(source))) };
}

/** Of the replicas of one workload the one that fails and restarted most. */
function worst(sources: readonly EvidenceSource[]): readonly EvidenceSource[] {
  const rated = sources.map((source) => {
    const evidence = buildEvidence(source);
    return { source, key: (isFailing(evidence) ? 1_000_000 : 0) + evidence.status.restartCount };
  });
  return rated
    .toSorted((a, b) => b.key - a.key)
    .slice(0, 1)
    .map(({ source }) => source);
}
