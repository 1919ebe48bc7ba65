import { command, describeCommand, editWorkload, kubectl, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { eventFact, podFact } from '@/lib/diagnosis/facts';
import { podEvents } from '@/lib/diagnosis/probe-kill';
import { defineRule } from '@/lib/diagnosis/rule';
import { nodeFits } from '@/lib/diagnosis/texts/node-fit';
import type { Confidence, Fact, Finding, Step } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';

/** Reasons with which a kubelet or the scheduler turns a pod away (crash-semantics 3.2). */
const REJECTED =
  /^(?:NodeAffinity|OutOf(?:cpu|memory|ephemeral-storage|pods|\S{1,60})|UnexpectedAdmissionError|TopologyAffinityError|SMTAlignmentError|PodOSNotSupported|PodOSSelectorNodeLabelDoesNotMatch|NodeShutdown|Preempting|InvalidNodeInfo|UnknownReason|UnexpectedPredicateFailureType)$/;

/** What the scheduler's sentence means, each with what to do. The most telling first. */
const READINGS: readonly (readonly [RegExp, string, string])[] = [
  [
    /unbound immediate PersistentVolumeClaims|persistentvolumeclaim "[^"]{1,253}" not found|didn't find available persistent volumes/,
    'its volume claim is not bound',
    'Look at the claim: storage class, size and access mode must fit what the cluster offers.',
  ],
  [
    /volume node affinity conflict/,
    'its volume lives on nodes that it may not use',
    'The volume binds it to a zone or node; let the pod go there, or make the volume elsewhere.',
  ],
  [/Insufficient cpu/, 'no node has the CPU that it requests', 'Lower the request, remove other pods, or add a node.'],
  [
    /Insufficient memory/,
    'no node has the memory that it requests',
    'Lower the request, remove other pods, or add a node.',
  ],
  [
    /Insufficient ([\w./-]{1,80})/,
    'no node has the resources that it requests',
    'Lower the request, or add a node that offers it.',
  ],
  [
    /untolerated taint|had taint/,
    'every node that fits carries a taint that it does not tolerate',
    'Tolerate the taint where that is meant, or remove it from a node.',
  ],
  [
    /didn't match Pod's node affinity\/selector|didn't match node selector|MatchNodeSelector/,
    'no node carries the labels that it asks for',
    'Compare nodeSelector and affinity with the labels of the nodes.',
  ],
  [
    /didn't match pod (?:anti-)?affinity|anti-affinity rules/,
    'its affinity to other pods leaves no node',
    'Loosen the rule to "preferred", or add a node.',
  ],
  [
    /topology spread constraints/,
    'its spread constraints leave no node',
    'Loosen maxSkew, or add nodes in the missing zones.',
  ],
  [
    /free ports|didn't have free ports/,
    'the host port that it asks for is taken on every node',
    'Drop hostPort, or use a Service.',
  ],
  [/Too many pods/, 'every node is full', 'Add a node, or raise the number of pods for each.'],
  [
    /exceeded quota/,
    'the quota of its namespace is used up',
    'Raise the quota, or lower what the workloads of the namespace request.',
  ],
  [
    /violates PodSecurity/,
    'pod security forbids its spec',
    'Change the fields that the message names, or the level of the namespace.',
  ],
  [
    /admission webhook "([^"]{1,253})" denied/,
    'an admission webhook denies it',
    'Its message says what it objects to.',
  ],
  [
    /must specify (?:limits|requests)|(?:minimum|maximum) (?:cpu|memory)/,
    'a limit range of its namespace forbids its resources',
    'Set requests and limits within the range.',
  ],
  [
    /serviceaccount "[^"]{1,253}" not found/,
    'its service account does not exist',
    'Create it, or correct serviceAccountName.',
  ],
  [/node\(s\) were unschedulable|were unschedulable/, 'the nodes are cordoned', 'Uncordon a node.'],
  [/no nodes available|0\/0 nodes/, 'there is no node', 'Add a node.'],
];

/** Taints that Kubernetes itself sets while a node is in trouble: then the node is the cause, and the scheduler only says so. */
const NODE_TROUBLE =
  /node\.kubernetes\.io\/(?:not-ready|unreachable|network-unavailable|out-of-service|(?:disk|memory|pid)-pressure)|node\.cloudprovider\.kubernetes\.io\/uninitialized/;
/** Rejections behind which a device plug-in, the runtime or the kubelet may stand. */
const UNCLEAR =
  /^(?:UnexpectedAdmissionError|UnknownReason|UnexpectedPredicateFailureType|InvalidNodeInfo|NodeShutdown|Preempting)$/;

function reading(text: string): { why: string; advice: string } {
  const found = READINGS.find(([pattern]) => pattern.test(text.slice(0, 4096)));
  return found
    ? { why: found[1], advice: found[2] }
    : { why: shorten(text, 120), advice: 'The message says which condition no node meets.' };
}

function finish(evidence: Evidence, lead: Fact, text: string, happens: string, extra: readonly Fact[] = []): Finding {
  const { why, advice } = reading(text);
  const { reason } = evidence.pod;
  const isUnclear = UNCLEAR.test(reason) || (reason === 'NodeAffinity' && nodeFits(evidence) === null);
  const confidence: Confidence = NODE_TROUBLE.test(text) ? 'possible' : isUnclear ? 'likely' : 'certain';
  const steps: Step[] = [
    step(
      'compare-with-cluster',
      'Compare with what the cluster offers',
      advice,
      /quota/.test(why)
        ? kubectl(evidence, 'describe', 'resourcequota')
        : /claim|volume/.test(why)
          ? kubectl(evidence, 'get', 'pvc')
          : command('kubectl', 'get', 'nodes', '--show-labels'),
    ),
    step(
      'change-demands',
      'Change what it asks for',
      'Opens the workload: requests, nodeSelector, affinity, tolerations.',
      editWorkload(evidence),
      { kind: 'pod-scheduled', notOn: null },
    ),
    step(
      'read-events',
      'Read the newest event',
      'It counts the nodes by the reason each was refused for.',
      describeCommand(evidence),
    ),
  ];
  return {
    confidence,
    what: why.length > 60 ? shorten(why, 60) : why,
    sentence: headline(evidence, confidence, why, happens),
    facts: [lead, ...extra],
    steps,
  };
}

/**
 * There is no pod, or no node for it: the scheduler, a quota, admission or an unbound volume holds it; or the kubelet turned
 * it away.
 *
 * The condition `PodScheduled` or the scheduler's newest event proves it. A `FailedScheduling` before a later assignment is noise
 * of every start that waits for a volume.
 */
export const unschedulable = defineRule({
  id: 'unschedulable',
  cause: 'unschedulable',
  title: 'No pod or no node: scheduling, quota, admission, unbound volume',
  docs: 'https://kubernetes.io/docs/concepts/scheduling-eviction/',
  doc: {
    describe:
      '`Pending` with `FailedScheduling: 0/3 nodes are available`; or `FailedCreate` on the owner and no pod at all.',
    logs: 'None: it never ran.',
    steps: [
      'Read the newest `FailedScheduling`: it counts the nodes by reason.',
      'Compare requests, nodeSelector and tolerations with the nodes.',
      'Without a pod, look at the events of ReplicaSet or Job: quota, admission, pod security.',
    ],
    prevention:
      'Watch what is left to request in the cluster and in the quota, and let CI apply manifests with a server dry run.',
  },
  needs: [],
  specificity: 3,
  detect: (evidence) => {
    const { pod } = evidence;
    if (REJECTED.test(pod.reason)) {
      const fits = pod.reason === 'NodeAffinity' ? nodeFits(evidence) : false;
      if (fits === true) return null;
      const event = podEvents(evidence, pod.reason).at(-1);
      const text = `${pod.reason}: ${pod.message}`;
      const why = pod.reason === 'NodeAffinity' ? "didn't match Pod's node affinity/selector" : text;
      return finish(
        evidence,
        podFact('status.reason', pod.reason, 'Why it was turned away'),
        why,
        'is turned away by its node',
        [
          podFact('status.message', pod.message, 'The words of the kubelet'),
          ...(event ? [eventFact(event, 'What the kubelet reports')] : []),
        ],
      );
    }
    const condition = pod.conditions.find((one) => one.type === 'PodScheduled' && one.status === 'False');
    if (condition && pod.nodeName === '') {
      const event = podEvents(evidence, 'FailedScheduling').at(-1);
      const lead = podFact(
        'status.conditions[PodScheduled].message',
        condition.message || condition.reason,
        'What the scheduler says',
      );
      return finish(
        evidence,
        lead,
        condition.message || (event?.message ?? condition.reason),
        'is not placed on a node',
        event ? [eventFact(event, 'Its newest event')] : [],
      );
    }
    // Where no pod exists, the template of the controller that is refused stands for it, under the controller's UID.
    const failed = podEvents(evidence, 'FailedCreate').at(-1);
    if (failed && (pod.uid === '' || pod.phase === '' || failed.involved.uid === pod.uid))
      return finish(evidence, eventFact(failed, 'Why no pod is made'), failed.message, 'has no pod');
    return null;
  },
});
