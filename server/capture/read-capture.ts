import { buildEvidence } from '@/lib/diagnosis/build-evidence';
import { isFailing } from '@/lib/diagnosis/diagnose';
import type { EvidenceSource, KubeObject, Part } from '@/lib/diagnosis/evidence-source';
import { objectAt, objectsAt, textAt } from '@/lib/diagnosis/read-object';
import type { ContainerType } from '@/lib/domain/pod-snapshot';
import { readHead } from './capture-file';
import { broken, openTree } from './capture-tree';
import { containerNames, nameOf, namespaceOf, referredNames } from './object-index';
import { NOT_CAPTURED, type OpenCapture, openCapture } from './open-capture';
import { readRecord } from './read-record';
import { refusedPods } from './refused-pods';
import { runsOfStatus } from './status-runs';

/** An opened capture: what it says of itself and one evidence source for each container that is to be judged. */
export interface Capture {
  readonly path: string;
  readonly title: string;
  readonly sources: readonly EvidenceSource[];
  /** What was left out and why, one sentence each. */
  readonly notes: readonly string[];
}

/** So many other pods of a workload, half of them ready where there are, tell what all of them would. */
const MOST_SIBLINGS = 200;
const MOST_NOTES = 200;

function some<T>(list: readonly T[]): Part<readonly T[]> {
  return list.length > 0 ? { value: list } : { missing: NOT_CAPTURED };
}

function siblingsOf(pod: KubeObject, others: readonly KubeObject[]): readonly KubeObject[] {
  if (others.length <= MOST_SIBLINGS) return others.filter((other) => other !== pod);
  const ready: KubeObject[] = [];
  const failing: KubeObject[] = [];
  for (const other of others) {
    if (other === pod) continue;
    const list = isReady(other) ? ready : failing;
    if (list.length < MOST_SIBLINGS / 2) list.push(other);
    if (ready.length + failing.length === MOST_SIBLINGS) break;
  }
  return [...ready, ...failing];
}

function isReady(pod: KubeObject): boolean {
  return objectsAt(pod, 'status', 'conditions').some((one) => one.type === 'Ready' && one.status === 'True');
}

/** What a capture knows of one container, but for its logs. */
function sourceWithoutLogs(capture: OpenCapture, pod: KubeObject, container: string): EvidenceSource {
  const { index, head, events } = capture;
  const namespace = namespaceOf(pod);
  const { workload, chain } = index.workload(pod);
  const owner = chain.at(-1);
  const referred = referredNames(pod);
  const named = (kind: string, names: ReadonlySet<string>): readonly KubeObject[] =>
    [...names].map((name) => index.find(kind, namespace, name)).filter((one) => one !== undefined);
  const node = index.find('Node', '', textAt(pod, 'spec', 'nodeName'));
  const none = { missing: NOT_CAPTURED };
  return {
    now: capture.now,
    cluster: head.cluster,
    workload,
    container,
    pod,
    runs: runsOfStatus(pod, workload, container, containerType(pod, container)),
    previousLog: none,
    currentLog: none,
    firstLog: none,
    events:
      events.all.length > 0
        ? { value: events.of(pod, chain, referred.claims) }
        : { missing: 'No events in the capture: they may have expired (a cluster keeps them 1 h).' },
    node: node ? { value: node } : none,
    siblings: some(workload.kind === 'Pod' ? [] : siblingsOf(pod, index.podsOf(workload))),
    owner: owner ? { value: owner } : workload.kind === 'Pod' ? { missing: 'A bare pod has no owner.' } : none,
    revisions: some(index.revisionsOf(workload)),
    references: some([...named('ConfigMap', referred.configMaps), ...named('Secret', referred.secrets)]),
    services: some(index.servicesOf(namespace)),
    claims: some(named('PersistentVolumeClaim', referred.claims)),
    policies: some(index.inNamespace('NetworkPolicy', namespace)),
  };
}

async function withLogs(capture: OpenCapture, source: EvidenceSource): Promise<EvidenceSource> {
  const { pod, container } = source;
  const owner = { namespace: namespaceOf(pod), pod: nameOf(pod), container };
  const currentLog = await capture.log(owner, 'current');
  const previousLog = await capture.log(owner, 'previous');
  // Of a container that has just ended, kubectl's current log is the newest ended run's and the previous one the run before.
  const isShifted = isTerminated(pod, container) && 'value' in currentLog && 'value' in previousLog;
  return isShifted
    ? { ...source, previousLog: currentLog, currentLog, firstLog: previousLog }
    : { ...source, previousLog, currentLog };
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

/** The pods that a capture's target means: its own, those it owns, or all; of a workload that may make none, what stands for them. */
function targetPods({ head, index, events, now }: OpenCapture): readonly KubeObject[] {
  const { target } = head;
  const pods = [...index.ofKind('Pod'), ...refusedPods(index, events.all, now)];
  if (!target) return pods;
  return pods.filter((pod) => {
    if (namespaceOf(pod) !== target.namespace) return false;
    if (target.kind === 'Pod') return nameOf(pod) === target.name;
    const { workload, chain } = index.workload(pod);
    return (
      (workload.kind === target.kind && workload.name === target.name) ||
      chain.some((one) => textAt(one, 'kind') === target.kind && nameOf(one) === target.name)
    );
  });
}

/**
 * Opens a capture (design: captures), the output directory of `kubectl cluster-info dump --output-directory`, a must-gather, a
 * troubleshoot bundle, or a file or folder of `kubectl get ... -o json|yaml`. A capture that was exported from a record of evidence gives
 * the same source as the record. Otherwise gives one source for the target's container (of the pod that restarted most), or, without a
 * target or container, for every container that fails. What is no Kubernetes object and a log that is nobody's or could be several containers'
 * is left out with a note.
 * @throws UnloopError `bad-request` that names the file and what is wrong with it
 */
export async function readCapture(path: string): Promise<Capture> {
  const notes = new Set<string>();
  const note = (text: string) => {
    if (notes.size < MOST_NOTES) notes.add(text);
  };
  const tree = await openTree(path, note);
  const record = await readRecord(tree);
  if (record) {
    const head = tree.files.get('capture.json');
    const title = head === undefined ? '' : (await readHead(head)).title;
    return { path, title, sources: [record.source], notes: [...notes] };
  }
  if (tree.files.size === 0)
    throw broken(path, 'no capture: it holds neither capture.json nor any .json or .yaml file');
  const capture = await openCapture(tree, note);
  const { target, title } = capture.head;
  const pods = targetPods(capture);
  if (pods.length === 0) {
    const known = target && capture.index.find(target.kind, target.namespace, target.name);
    if (!known) throw broken(path, nothingIn(target !== undefined, [...notes]));
    note(
      `${target.kind} ${target.namespace}/${target.name} has no pod in the capture, and no event says that one is refused`,
    );
  }
  const named = pods.flatMap((pod) =>
    containerNames(pod)
      .filter((name) => !target?.container || name === target.container)
      .map((name) => sourceWithoutLogs(capture, pod, name)),
  );
  if (pods.length > 0 && named.length === 0)
    throw broken(path, `no pod of the target has a container ${target?.container ?? ''}`);
  const judged = target?.container ? worst(named) : named.filter((source) => isFailing(evidenceOf(source)));
  const sources: EvidenceSource[] = [];
  for (const source of judged) sources.push(await withLogs(capture, source));
  return { path, title, sources, notes: [...notes] };
}

function nothingIn(hasTarget: boolean, notes: readonly string[]): string {
  const what = hasTarget ? 'no pod of the target stands in it' : 'no pod stands in it';
  return notes.length > 0 ? `${what} (${notes.slice(0, 3).join('; ')})` : what;
}

/** Whether a container fails does not depend on its siblings. */
function evidenceOf(source: EvidenceSource) {
  return buildEvidence({ ...source, siblings: { missing: NOT_CAPTURED } });
}

/** Of the replicas of one workload the one that fails and restarted most. */
function worst(sources: readonly EvidenceSource[]): readonly EvidenceSource[] {
  const rated = sources.map((source) => {
    const evidence = evidenceOf(source);
    return { source, key: (isFailing(evidence) ? 1_000_000 : 0) + evidence.status.restartCount };
  });
  return rated
    .toSorted((a, b) => b.key - a.key)
    .slice(0, 1)
    .map(({ source }) => source);
}
