import {
  command,
  containerPatch,
  describeNodeStep,
  outlives,
  seenByPerson,
  specPatch,
  step,
} from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { eventFact, fieldFact, podFact, specFact } from '@/lib/diagnosis/facts';
import { podEvents } from '@/lib/diagnosis/probe-kill';
import { defineRule } from '@/lib/diagnosis/rule';
import type { Fact, Step } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';
import { parseQuantity } from '@/lib/domain/quantity';
import { formatBytes } from '@/lib/format/bytes';

/** Why the kubelet evicted, from its own text (crash-semantics 3.5). */
type Reading =
  | { readonly kind: 'empty-dir'; readonly volume: string; readonly limit: string }
  | { readonly kind: 'own-storage'; readonly container: string; readonly limit: string }
  | { readonly kind: 'node'; readonly resource: string; readonly usage: string };

function readMessage(message: string): Reading {
  const text = message.slice(0, 4096);
  const volume = /Usage of EmptyDir volume "([^"]{1,253})" exceeds the limit "([^"]{1,40})"/.exec(text);
  if (volume) return { kind: 'empty-dir', volume: volume[1] ?? '', limit: volume[2] ?? '' };
  const own = /Container (\S{1,253}) exceeded its local ephemeral storage limit "([^"]{1,40})"/.exec(text);
  if (own) return { kind: 'own-storage', container: own[1] ?? '', limit: own[2] ?? '' };
  const total = /ephemeral local storage usage exceeds the total limit of containers (\S{1,40}?)\.? ?$/.exec(
    text.trim(),
  );
  if (total) return { kind: 'own-storage', container: '', limit: total[1] ?? '' };
  const low =
    /low on resource: \[?([\w-]{1,60}(?:\.[\w-]{1,60}){0,3})/.exec(text) ?? /had condition: \[?(\w{1,60})/.exec(text);
  const usage = /Container \S{1,253} was using (\S{1,40}), request is (\S{1,40}?),/.exec(text);
  return {
    kind: 'node',
    resource: low?.[1] ?? 'resources',
    usage: usage ? `using ${usage[1]}, request is ${usage[2]}` : '',
  };
}

function times4(limit: string): string {
  const bytes = parseQuantity(limit);
  return bytes === null ? '2Gi' : formatBytes(bytes * 4);
}

function nodeSteps(evidence: Evidence, resource: string): readonly Step[] {
  const isMemory = /memory/i.test(resource);
  const { memoryRequest, memoryLimit } = evidence.container.resources;
  const request = isMemory
    ? { memory: memoryLimit ?? (parseQuantity(memoryRequest) ? times4(memoryRequest ?? '') : '512Mi') }
    : { 'ephemeral-storage': '1Gi' };
  return [
    ...describeNodeStep(evidence, {
      id: 'look-at-node',
      title: 'Look at the node',
      text: 'Its conditions say whether the pressure still lasts, and the list of pods who uses most.',
      done: {
        kind: 'node-condition',
        node: evidence.pod.nodeName,
        condition: isMemory ? 'MemoryPressure' : 'DiskPressure',
        status: 'False',
      },
    }),
    isMemory
      ? step(
          'see-memory-use',
          'See who uses the memory',
          'Pods above their request go first.',
          command('kubectl', 'top', 'pods', '-A', '--sort-by=memory'),
        )
      : {
          id: 'free-node-disk',
          operation: { kind: 'decide' },
          title: 'Free the disk of the node',
          text: 'Images, logs of containers, empty volumes and files that programs write beside their volumes share it. Enlarge it where that is normal use.',
        },
    containerPatch(
      evidence,
      { resources: { requests: request } },
      {
        id: 'raise-request',
        title: `Request what it really needs (${Object.values(request)[0]})`,
        text: 'The kubelet evicts first what uses more than it requested; a request also keeps it off nodes without room.',
        done: outlives(evidence),
      },
    ),
  ];
}

function steps(evidence: Evidence, reading: Reading): readonly Step[] {
  const last = step(
    'remove-evicted-pods',
    'Remove the evicted pods',
    'They stay as a record and do nothing. Their events and status are kept here.',
    { kind: 'delete-failed-pods', namespace: evidence.pod.namespace },
    seenByPerson('kubectl get pods shows no Evicted pod'),
  );
  if (reading.kind === 'node') return [...nodeSteps(evidence, reading.resource), last];
  const size = times4(reading.limit);
  if (reading.kind === 'empty-dir') {
    const medium = evidence.pod.volumes.find((one) => one.name === reading.volume)?.medium ?? '';
    return [
      specPatch(
        evidence,
        { volumes: [{ name: reading.volume, emptyDir: { ...(medium && { medium }), sizeLimit: size } }] },
        {
          id: 'raise-volume-size',
          title: `Raise the size of volume ${reading.volume} to ${size}`,
          text: `It may hold ${reading.limit} now. What must be kept, or grows without bound, belongs on a claim.`,
          done: outlives(evidence),
        },
      ),
      last,
    ];
  }
  return [
    containerPatch(
      evidence,
      { resources: { limits: { 'ephemeral-storage': size }, requests: { 'ephemeral-storage': reading.limit } } },
      {
        id: 'raise-ephemeral-limit',
        title: `Raise the limit of ephemeral storage to ${size}`,
        text: `The limit is ${reading.limit}. Logs on standard output, empty volumes and all files written beside volumes count.`,
        done: outlives(evidence),
      },
    ),
    {
      id: 'write-less',
      operation: { kind: 'decide' },
      title: 'Write less to the container',
      text: 'Log less, clean up temporary files, or mount a claim where it writes.',
    },
    last,
  ];
}

const TITLES: Readonly<Record<string, string>> = {
  memory: 'memory',
  MemoryPressure: 'memory',
  'ephemeral-storage': 'disk',
  nodefs: 'disk',
  imagefs: 'disk',
  DiskPressure: 'disk',
  inodes: 'inodes',
  pids: 'process ids',
  PIDPressure: 'process ids',
};

/**
 * The kubelet evicted the pod: the node ran low on memory or disk, or the pod used more local storage than it may.
 *
 * `status.reason: Evicted` and the kubelet's message prove it; kubectl may print the container's exit instead. Each eviction leaves
 * a failed pod and a new one is made: a loop of pods, without restarts. A drain is no eviction by the kubelet, and a container
 * killed at its memory limit is `oom-killed`.
 */
export const evicted = defineRule({
  id: 'evicted',
  cause: 'evicted',
  title: 'Evicted by the kubelet',
  docs: 'https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/',
  doc: {
    describe:
      '`Status: Failed`, `Reason: Evicted`, `The node was low on resource: …` or `Usage of EmptyDir volume … exceeds the limit`; kubectl may show `Error` or `ContainerStatusUnknown`.',
    logs: 'Nothing about it: the kubelet stops the pod from outside, and the log goes with it.',
    steps: [
      'Read the message: it names the resource, and whether the node or the pod exceeded.',
      'For the node: find who uses it, and set requests near real use.',
      'For the pod: raise `sizeLimit` or the limit of ephemeral storage, or write less.',
    ],
    prevention:
      'Set requests for memory and ephemeral storage, bound empty volumes and logs, and alert on pressure of nodes.',
  },
  needs: [],
  specificity: 3,
  supersedes: ['exits-early', 'app-exception', 'oom-killed', 'disk-full'],
  detect: (evidence) => {
    const { pod } = evidence;
    const event = podEvents(evidence, 'Evicted').findLast((one) => one.involved.kind === 'Pod');
    const condition = pod.conditions.find(
      (one) => one.type === 'DisruptionTarget' && one.reason === 'TerminationByKubelet',
    );
    const isEvicted = pod.reason === 'Evicted' || (condition !== undefined && pod.phase === 'Failed');
    if (!isEvicted && !(event && pod.phase === 'Failed')) return null;
    const facts: Fact[] = [
      ...(pod.reason === 'Evicted' ? [podFact('status.reason', 'Evicted', 'How the kubelet ended the pod')] : []),
      ...(pod.message ? [podFact('status.message', pod.message, 'Why it did')] : []),
      ...(event ? [eventFact(event, 'What the kubelet reports')] : []),
      ...(condition && !pod.message && !event
        ? [
            podFact(
              'status.conditions[DisruptionTarget]',
              condition.message || condition.reason,
              'Why the kubelet ended the pod',
            ),
          ]
        : []),
    ];
    // The newest event may be of another eviction only where the pod's own message is lost.
    const message = [pod.message, condition?.message ?? '', event?.message ?? ''].find((text) => text !== '') ?? '';
    const reading = readMessage(message);
    const fuller = reading.kind === 'node' && reading.usage === '' && event ? readMessage(event.message) : reading;
    const shown = fuller.kind === 'node' ? (TITLES[fuller.resource] ?? fuller.resource) : '';
    const { reason, what } =
      fuller.kind === 'empty-dir'
        ? {
            reason: `its volume ${fuller.volume} grew past its limit of ${fuller.limit}`,
            what: `volume ${shorten(fuller.volume, 30)} exceeds ${fuller.limit}`,
          }
        : fuller.kind === 'own-storage'
          ? {
              reason: `it used more local storage than its limit of ${fuller.limit}`,
              what: `uses more local storage than ${fuller.limit}`,
            }
          : { reason: `its node ${pod.nodeName} was low on ${shown}`, what: `evicted: node low on ${shown}` };
    const [first, ...rest] = facts;
    if (!first) return null;
    const volume = fuller.kind === 'empty-dir' ? pod.volumes.find((one) => one.name === fuller.volume) : undefined;
    const { memoryRequest } = evidence.container.resources;
    return {
      confidence: 'certain',
      what,
      sentence: headline(evidence, 'certain', reason, 'is evicted by the kubelet'),
      facts: [
        first,
        ...rest,
        ...(volume
          ? [fieldFact(`spec.volumes[${volume.name}]`, `${volume.kind}, sizeLimit ${volume.sizeLimit}`, 'The volume')]
          : []),
        ...(fuller.kind === 'node' && shown === 'memory'
          ? [
              specFact(
                evidence,
                'resources.requests.memory',
                memoryRequest ?? 'none',
                'What it requested; use above it goes first',
              ),
            ]
          : []),
      ],
      steps: steps(evidence, fuller),
    };
  },
});
