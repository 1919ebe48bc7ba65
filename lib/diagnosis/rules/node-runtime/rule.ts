import { describeCommand, rollbackStep, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { eventFact, exitFact, fieldFact, logFact, podFact, statusFact } from '@/lib/diagnosis/facts';
import { rankStatements } from '@/lib/diagnosis/log/decisive-line';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { matchLog } from '@/lib/diagnosis/match-log';
import { eventsOf, podEvents } from '@/lib/diagnosis/probe-kill';
import { defineRule } from '@/lib/diagnosis/rule';
import { isBasicTool } from '@/lib/diagnosis/texts/command-words';
import { findPullFailure } from '@/lib/diagnosis/texts/image-pull';
import { nodeFits } from '@/lib/diagnosis/texts/node-fit';
import { type NodeReading, OWN_FAULT, type Part, readNodeTrouble } from '@/lib/diagnosis/texts/node-trouble';
import { runsElsewhere } from '@/lib/diagnosis/texts/same-image';
import { missingExecutable, startErrors } from '@/lib/diagnosis/texts/start-error';
import type { Confidence, Fact, Finding } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';
import { BASIC, LOG } from './signatures';
import { nodeSteps } from './steps';

const SHORT: Readonly<Record<Part, string>> = {
  network: 'network plug-in of its node fails',
  runtime: 'runtime of its node hangs or fails',
  'runtime-class': 'node lacks the handler of its RuntimeClass',
  device: 'GPU or device of its node is not in order',
  cgroup: 'control groups of its node cannot be set',
  disk: 'disk of its node fails or is full',
  limit: 'a limit of its node is reached',
  image: "node's copy of the image is broken",
  kernel: 'kernel of its node lacks what it needs',
  kubelet: 'kubelet of its node fails',
};

/** Events in which kubelet or controllers say that the node cannot run the pod (crash-semantics 2.3). */
const SANDBOX = [
  'FailedCreatePodSandBox',
  'FailedCreatePodContainer',
  'NetworkNotReady',
  'FailedPodSandBoxStatus',
  'FailedSync',
  'FailedKillPod',
  'FailedPrepareDynamicResources',
] as const;
const NOT_THE_NODE =
  /OOM-killed|memory limit too low|seccomp|[Aa]pp[Aa]rmor|SELinux|selinux|address already in use|failed to (?:get|pull)[^\n]{0,40}image/;

/** Reasons with which a kubelet turns away a pod that the scheduler had found fitting. */
const TURNED_AWAY = new Set([
  'UnexpectedAdmissionError',
  'UnknownReason',
  'UnexpectedPredicateFailureType',
  'InvalidNodeInfo',
]);
/** Reasons that say that the node itself went away. */
const NODE_GONE = new Set(['NodeLost', 'NodeShutdown', 'Terminated', 'Shutdown']);

const SANDBOX_LOOP = 3;

function nodeFacts({ node, pod }: Evidence): Fact[] {
  if (!node) return pod.nodeName === '' ? [] : [fieldFact('spec.nodeName', pod.nodeName, 'Its node')];
  const bad = node.conditions.find((one) => one.type === 'Ready' && one.status !== 'True');
  return [
    fieldFact(
      `node/${node.name} status.nodeInfo`,
      `kubelet ${node.kubeletVersion}, ${node.containerRuntime}`,
      'Its node',
    ),
    ...(bad
      ? [
          fieldFact(
            `node/${node.name} status.conditions[Ready]`,
            `${bad.status}: ${bad.message || bad.reason}`,
            'The node is not ready',
          ),
        ]
      : []),
  ];
}

function finish(
  evidence: Evidence,
  { part, why }: Pick<NodeReading, 'part' | 'why'>,
  confidence: Confidence,
  lead: Fact,
  happens?: string,
  more: readonly Fact[] = [],
): Finding {
  return {
    confidence,
    what: SHORT[part],
    sentence: headline(evidence, confidence, why, happens),
    facts: [lead, ...more, ...nodeFacts(evidence)],
    steps: nodeSteps(evidence, part),
  };
}

/** The kubelet turned the pod away or lost it, although it fits. */
function fromPod(evidence: Evidence): Finding | null {
  const { pod } = evidence;
  const message = podFact('status.message', pod.message || pod.reason, 'The words of the kubelet');
  const lead = podFact('status.reason', pod.reason, 'Why it was turned away');
  if (pod.reason === 'NodeAffinity' && nodeFits(evidence) === true) {
    const why =
      'its kubelet turned it away by labels that the node does carry, as a kubelet does that has just been restarted';
    return finish(evidence, { part: 'kubelet', why }, 'certain', lead, 'is turned away by its node', [
      message,
      ...(evidence.node
        ? [
            fieldFact(
              `node/${evidence.node.name} metadata.labels`,
              Object.entries(evidence.node.labels)
                .map(([key, value]) => `${key}=${value}`)
                .filter(
                  (one) =>
                    Object.keys(pod.nodeSelector).some((key) => one.startsWith(`${key}=`)) ||
                    pod.nodeAffinity.flat().some(({ key }) => one.startsWith(`${key}=`)),
                )
                .join(', '),
              'The labels that it asks for are there',
            ),
          ]
        : []),
    ]);
  }
  if (TURNED_AWAY.has(pod.reason)) {
    const found = readNodeTrouble(pod.message) ?? {
      part: 'kubelet' as const,
      why: `its kubelet turned it away: ${shorten(pod.message || pod.reason, 100)}`,
    };
    return finish(evidence, found, 'likely', lead, 'is turned away by its node', [message]);
  }
  if (NODE_GONE.has(pod.reason) && pod.phase !== 'Running') {
    const isLost = pod.reason === 'NodeLost';
    const why = isLost ? 'its node no longer reports' : 'its node was shut down';
    return finish(evidence, { part: 'kubelet', why }, 'certain', lead, 'is ended by its node', [message]);
  }
  return null;
}

/** When the container or pod was last seen to get further than the sandbox. */
function lastProgress(evidence: Evidence): number {
  const events = podEvents(evidence, 'Started', 'Created', 'Pulled').map((event) => event.last ?? 0);
  return Math.max(0, evidence.lastTermination?.finishedAt ?? 0, ...events);
}

/** No sandbox, no network: the container is not even made. */
function fromSandbox(evidence: Evidence): Finding | null {
  if (evidence.status.state.kind === 'running') return null;
  const since = lastProgress(evidence);
  const failures = podEvents(evidence, ...SANDBOX).filter(
    (event) =>
      event.involved.kind === 'Pod' && (event.last ?? 0) >= since && !NOT_THE_NODE.test(event.message.slice(0, 4096)),
  );
  const count = failures.reduce((sum, event) => sum + event.count, 0);
  const main =
    failures.findLast((event) => event.reason === 'FailedCreatePodSandBox' || event.reason === 'NetworkNotReady') ??
    failures.at(-1);
  if (!main) return null;
  const text = main.message;
  const found = readNodeTrouble(text) ?? {
    part: 'runtime' as const,
    why: `the node cannot make its sandbox: ${shorten(text.replace(/^Failed to create pod sandbox: (?:rpc error: code = \w{1,20} desc = )?/, ''), 120)}`,
    isVague: true,
  };
  const isMain = main.reason === 'FailedCreatePodSandBox' || main.reason === 'NetworkNotReady';
  const isShared = found.part === 'limit' || found.part === 'disk';
  const confidence: Confidence =
    isMain && count > 1 && !isShared ? 'certain' : isMain || count > 2 ? 'likely' : 'possible';
  return finish(evidence, found, confidence, eventFact(main, 'What the node reports'), 'does not start');
}

/** The runtime cannot make or start the container for reasons of its own. */
function fromStartError(evidence: Evidence): Finding | null {
  const pull = findPullFailure(evidence);
  if (pull) {
    const found = readNodeTrouble(pull.text);
    const isOwn =
      pull.kind === 'corrupt' ||
      /(?:containerd|crio|docker)\.sock|Cannot connect to the Docker daemon|snapshot/.test(pull.text);
    if (!found || !isOwn || (found.part !== 'image' && found.part !== 'runtime')) return null;
    return finish(evidence, found, 'likely', pull.fact, 'does not start');
  }
  const executable = missingExecutable(evidence);
  if (executable && !executable.denied && runsElsewhere(evidence)) {
    return finish(
      evidence,
      {
        part: 'runtime',
        why: `the runtime does not find ${shorten(executable.name, 40)} in an image that runs on other nodes`,
      },
      'likely',
      executable.error.fact,
      'does not start',
    );
  }
  const volumes = evidence.pod.volumes.some((one) => one.kind === 'persistentVolumeClaim' || one.kind === 'csi');
  for (const error of startErrors(evidence)) {
    if (OWN_FAULT.test(error.text.slice(0, 4096))) return null;
    const found = readNodeTrouble(error.text);
    if (!found) continue;
    // A volume that does not answer hangs the runtime in the same way.
    const isHanging = found.part === 'runtime' && volumes;
    return finish(
      evidence,
      found,
      isHanging ? 'possible' : found.isVague && found.part !== 'runtime' ? 'possible' : 'likely',
      error.fact,
      'does not start',
    );
  }
  const [first] = startErrors(evidence);
  if (!first || !/OCI runtime|shim task|containerd task|runtime error/.test(first.text)) return null;
  const why = `its runtime cannot start it: ${shorten(first.text.replace(/^.{0,200}?runc create failed: /s, ''), 110)}`;
  return finish(evidence, { part: 'runtime', why }, 'possible', first.fact, 'does not start');
}

/** Sandboxes that are replaced again and again under a program that did nothing wrong. */
function fromSandboxLoop(evidence: Evidence): Finding | null {
  const changed = podEvents(evidence, 'SandboxChanged').at(-1);
  const last = evidence.lastTermination;
  if (!changed || !last || changed.count < SANDBOX_LOOP) return null;
  const killed = eventsOf(evidence, 'Killing').findLast((event) => event.message.startsWith('Stopping container'));
  const isQuiet =
    ![1, 2, 101, 134, 139].includes(last.exitCode) &&
    (evidence.log ? (rankStatements(evidence.log)[0]?.score ?? 0) < 70 : true);
  if (!isQuiet || last.reason === 'OOMKilled' || evidence.pod.deletedAt !== null) return null;
  return finish(
    evidence,
    {
      part: 'cgroup',
      why: 'the node ends and replaces the sandbox of its pod again and again, as it does when kubelet and runtime use different cgroup drivers',
    },
    killed ? 'likely' : 'possible',
    eventFact(changed, 'The sandbox is replaced'),
    'is stopped and started again',
    killed ? [eventFact(killed, 'Each time the container is stopped')] : [],
  );
}

/** The state of the container was lost with its node. */
function fromLostStatus(evidence: Evidence): Finding | null {
  const last = evidence.lastTermination;
  const isLost = last?.reason === 'ContainerStatusUnknown' || (last?.reason === 'Unknown' && last.exitCode === 255);
  const notReady = evidence.node?.conditions.find((one) => one.type === 'Ready' && one.status !== 'True');
  if (!isLost) {
    const { state } = evidence.status;
    const isMade =
      state.kind !== 'waiting' || !['ContainerCreating', 'PodInitializing', ''].includes(state.reason) || last;
    if (!notReady || isMade || !evidence.node) return null;
    const path = `node/${evidence.node.name} status.conditions[Ready]`;
    const why = `its node is not ready: ${shorten(notReady.message || notReady.reason, 100)}`;
    return finish(
      evidence,
      { part: readNodeTrouble(notReady.message)?.part ?? 'kubelet', why },
      'likely',
      fieldFact(path, `${notReady.status}: ${notReady.message || notReady.reason}`, 'The node is not ready'),
      'does not start',
    );
  }
  const rebooted = podEvents(evidence, 'Rebooted', 'NodeNotReady', 'SandboxChanged').at(-1);
  const field = evidence.status.state.kind === 'terminated' ? 'state.terminated' : 'lastState.terminated';
  return finish(
    evidence,
    { part: 'kubelet', why: 'its node lost the container: it or its runtime was restarted' },
    rebooted || notReady ? 'likely' : 'possible',
    statusFact(evidence, `${field}.reason`, last?.reason ?? '', 'The kubelet does not know how it ended'),
    'ended unseen',
    rebooted ? [eventFact(rebooted, 'What happened to the node')] : [],
  );
}

function fromLog(evidence: Evidence): Finding | null {
  const hasPath = evidence.container.env.some((one) => one.name === 'PATH');
  const basic = hasPath ? null : matchLog(evidence, BASIC);
  const match = matchLog(evidence, LOG) ?? (isBasicTool(basic?.groups[0] ?? '') ? basic : null);
  if (!match) return null;
  const likely = logConfidence(evidence, match);
  const exit = exitFact(evidence);
  const finding = finish(
    evidence,
    match.meaning,
    match.meaning.isVague ? 'possible' : likely,
    logFact(match.log, match.no, 'What it says of its node'),
    undefined,
    exit ? [exit] : [],
  );
  const rollback = rollbackStep(evidence, 'If it came with this revision, the one before did not ask for it.');
  return {
    ...finding,
    steps: [
      ...finding.steps,
      ...rollback,
      step('read-events', 'Read the events', 'What the kubelet adds.', describeCommand(evidence)),
    ],
  };
}

/**
 * Node, kernel, network plug-in or container runtime fail: the pod is in order.
 *
 * The kubelet's events say so where no sandbox can be made; rejections of a pod whose labels fit the node, and names that the
 * runtime keeps reserved, are of the same kind. Texts about the container's own image, command, mounts or security stand in the
 * same messages and are left to their rules.
 */
export const nodeRuntime = defineRule({
  id: 'node-runtime',
  cause: 'node-runtime',
  title: 'Node, kernel, network plug-in or container runtime defect',
  docs: 'https://kubernetes.io/docs/tasks/debug/debug-cluster/',
  doc: {
    describe:
      '`ContainerCreating` with `FailedCreatePodSandBox`; `CreateContainerError` with `failed to reserve container name`; `UnexpectedAdmissionError`; node `NotReady`.',
    logs: 'Mostly none; `Address family not supported by protocol`, a missing kernel module, a driver of a GPU.',
    steps: [
      'See whether other pods of the same node fail in the same way.',
      'Look at the node: conditions, the pod of the network plug-in, the log of runtime and kubelet.',
      'Restart the runtime, or drain the node and let the pod start elsewhere.',
    ],
    prevention: 'Watch node conditions and free pod addresses, and replace nodes instead of repairing them.',
  },
  needs: [],
  specificity: 3,
  supersedes: ['app-exception', 'exits-early'],
  detect: (evidence) =>
    fromPod(evidence) ??
    fromSandbox(evidence) ??
    fromStartError(evidence) ??
    fromSandboxLoop(evidence) ??
    fromLog(evidence) ??
    fromLostStatus(evidence),
});
