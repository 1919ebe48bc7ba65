import { editWorkload, hasTemplate, podMetadataPatch, step } from '@/lib/diagnosis/commands';
import type { ContainerEvidence, Evidence } from '@/lib/diagnosis/evidence';
import { exitFact, fieldFact, logFact, podFact, specPath } from '@/lib/diagnosis/facts';
import { type LogMatch, matchLog, type Signature } from '@/lib/diagnosis/match-log';
import { findProbeKill } from '@/lib/diagnosis/probe-kill';
import { defineRule } from '@/lib/diagnosis/rule';
import type { DoneCondition } from '@/lib/diagnosis/steps/condition';
import {
  companionAt,
  companionOn,
  companions,
  findOutlived,
  isMeshProxy,
  type Outlived,
} from '@/lib/diagnosis/texts/companions';
import { isLocal, targetOf } from '@/lib/diagnosis/texts/dependency-target';
import { mountOf } from '@/lib/diagnosis/texts/mounts';
import type { Confidence, Fact, Finding, Step } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';
import { formatDuration } from '@/lib/format/duration';

/** What programs say when nobody listens. */
const REFUSED: readonly Signature<'refused'>[] = [
  {
    pattern:
      /ECONNREFUSED|[Cc]onnection (?:was )?refused|actively refused|connect failed: refused|econnrefused|code: 111\b|[Ee]rrno[ =:]{1,3}111\b|[Cc]ouldn't connect to server|[Ff]ailed to connect to (?:localhost|127\.|\[?::1)|(?:could not|couldn't|cannot|can't|unable to|failed to) (?:connect|establish)[^\n]{0,120}?(?:localhost|127\.0\.0\.1|\[?::1)|[Cc]onnect(?:ion)?[^\n]{0,80}?(?:localhost|127\.0\.0\.1)[^\n]{0,80}?(?:failed|refused|reset|closed)|(?:dapr|envoy|istio|proxy|sidecar)[^\n]{0,60}?(?:is )?not (?:yet )?(?:ready|available|up|reachable|running)/i,
    meaning: 'refused',
    except: /probe failed/,
  },
];
const SOCKET: readonly Signature<'socket'>[] = [
  {
    pattern:
      /(?:unix(?::\/{0,3}| )?|socket |connect[^\n]{0,80}?)["'`(]?(\/[\w./-]{1,200}?\.(?:sock(?:et)?|s\.PGSQL\.\d{1,5}))\b[^\n]{0,120}?(?:no such file|refused|not found|does not exist|failed)|(\/[\w./-]{1,200}\/\.s\.PGSQL\.\d{1,5})/,
    meaning: 'socket',
  },
];
/** A file that another container of the pod writes; the first group is its path. */
const FILE: readonly Signature<'file'>[] = [
  {
    pattern:
      /(?:(?:open|stat|read|cat|load|source)\S{0,2} |file |: |['"`(])(\/[\w./-]{2,200})['"`)]?[^\n]{0,40}?(?:[Nn]o such file|ENOENT|not found|does not exist)|(?:[Nn]o such file or directory|ENOENT|FileNotFound\w{0,12})[^\n]{0,60}?['"` (](\/[\w./-]{2,200})/,
    meaning: 'file',
  },
];
/** Anything of the network that fails while a mesh holds it back. */
const NETWORK: readonly Signature<'network'>[] = [
  {
    pattern:
      /ECONNREFUSED|[Cc]onnection (?:was )?refused|ECONNRESET|[Cc]onnection reset|i\/o timeout|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|[Tt]emporary failure in name resolution|no such host|[Nn]ame or service not known|UnknownHostException|[Nn]o route to host|[Nn]etwork is unreachable|EHOSTUNREACH|connect error|TLS handshake|: EOF$|[Cc]ould not resolve|[Cc]ouldn't connect to server/,
    meaning: 'network',
    except: /probe failed/,
  },
];

/** A companion that starts this much later than a run is not the reason why the run found nobody. */
const SAME_TIME_MS = 90_000;
/** A program that goes on for longer than this after the sidecar came up ended for another reason. */
const RECOVERED_MS = 90_000;
const SECOND_MS = 1000;

interface Timing {
  readonly text: string;
  /** True where the companion began after the run that found nobody. */
  readonly isProven: boolean;
}

/** Compares the start of the companion with the run that ended, or gives null where its order is not the reason. */
function timingOf(evidence: Evidence, companion: ContainerEvidence): Timing | null {
  const status = evidence.pod.statuses[companion.name];
  const run = evidence.lastTermination ?? evidence.runs.findLast((one) => one.finishedAt !== null);
  if (!status || !run || run.startedAt === null || run.finishedAt === null) return null;
  if (status.restartCount > 2 || status.lastTermination !== null) return null;
  const { state } = status;
  if (state.kind === 'waiting') {
    return ['ContainerCreating', 'PodInitializing', ''].includes(state.reason)
      ? { text: `${companion.name} is not started yet`, isProven: true }
      : null;
  }
  if (state.kind !== 'running' || state.startedAt === null) return null;
  const laterMs = state.startedAt - run.startedAt;
  if (laterMs >= 2 * SECOND_MS) {
    // What hangs after the refusal is ended by a probe, however long that takes.
    if (run.finishedAt - state.startedAt > RECOVERED_MS && !findProbeKill(evidence)) return null;
    return {
      text: `${companion.name} started ${formatDuration(laterMs)} after this run`,
      isProven: true,
    };
  }
  if (laterMs < -SAME_TIME_MS) return null;
  return {
    text:
      Math.abs(laterMs) < 2 * SECOND_MS
        ? `both were started at the same time`
        : `${companion.name} was started only ${formatDuration(-laterMs)} before`,
    isProven: false,
  };
}

function startFact(evidence: Evidence, companion: ContainerEvidence, timing: Timing): Fact {
  const list = companion.type === 'app' ? 'containerStatuses' : 'initContainerStatuses';
  const state = evidence.pod.statuses[companion.name]?.state;
  const value =
    state?.kind === 'running' && state.startedAt !== null ? new Date(state.startedAt).toISOString() : timing.text;
  return podFact(`status.${list}[${companion.name}].state`, value, `When ${companion.name} started: ${timing.text}`);
}

function nativeSteps(evidence: Evidence, companion: ContainerEvidence): readonly Step[] {
  const done: DoneCondition = { kind: 'starts-without-restart' };
  const isIstio = /istio|proxyv2/.test(`${companion.name} ${companion.image}`);
  const annotations = { 'proxy.istio.io/config': '{"holdApplicationUntilProxyStarts": true}' };
  return [
    ...(isIstio && hasTemplate(evidence)
      ? [
          step(
            'hold-application',
            'Let the mesh hold the program back',
            'Istio then starts its proxy first and the program when the proxy is ready. For new pods only.',
            podMetadataPatch(evidence, { annotations }),
            done,
          ),
        ]
      : []),
    step(
      'start-sidecar-first',
      `Make ${companion.name} a sidecar that starts first`,
      'Opens the workload: move it to initContainers with `restartPolicy: Always` and a startupProbe on its port. The kubelet then waits for the probe before it starts the next container, and ends it last. From Kubernetes 1.29 on.',
      editWorkload(evidence),
      done,
    ),
    {
      id: 'try-again-in-program',
      operation: { kind: 'decide' },
      title: 'Let the program try again instead of ending',
      text: 'Containers of a pod start side by side; whoever needs another one has to wait for it. Some tries over a minute are enough.',
      done,
    },
  ];
}

function finish(
  evidence: Evidence,
  match: LogMatch<string>,
  companion: ContainerEvidence,
  timing: Timing,
  confidence: Confidence,
  reason: string,
): Finding {
  const exit = exitFact(evidence);
  return {
    confidence,
    what: `starts before its sidecar ${shorten(companion.name, 30)}`,
    sentence: headline(evidence, confidence, reason),
    facts: [
      logFact(match.log, match.no, 'Nobody listens yet'),
      startFact(evidence, companion, timing),
      ...(exit ? [exit] : []),
    ],
    steps: nativeSteps(evidence, companion),
  };
}

/** A refusal on the pod's own address, on which another container of the pod should listen. */
function fromLocal(evidence: Evidence): Finding | null {
  const refused = matchLog(evidence, REFUSED);
  const target = refused ? targetOf(refused.text) : null;
  if (refused && target && (isLocal(target) || target.host === '')) {
    const others = companions(evidence);
    const named = target.port === '' ? null : companionOn(evidence, target.port);
    const says = others.find((one) => one.name.length > 3 && refused.text.includes(one.name)) ?? null;
    const only = target.host !== '' && others.length === 1 ? (others[0] ?? null) : null;
    const companion = named ?? says ?? (target.host === '' ? (others.find(isMeshProxy) ?? null) : only);
    if (companion && (target.host !== '' || says || /dapr|envoy|istio|proxy|sidecar/i.test(refused.text))) {
      const timing = timingOf(evidence, companion);
      if (!timing) return null;
      const isNear = refused.position <= 3;
      const confidence: Confidence =
        timing.isProven && named && isNear
          ? 'certain'
          : (named || says || timing.isProven) && isNear
            ? 'likely'
            : 'possible';
      const where = target.port === '' ? '' : ` on port ${target.port}`;
      return finish(
        evidence,
        refused,
        companion,
        timing,
        confidence,
        `${companion.name} of the same pod does not listen${where} yet; ${timing.text}`,
      );
    }
  }
  const socket = matchLog(evidence, SOCKET);
  const path = socket?.groups.find((one) => one !== '') ?? '';
  const maker = path === '' ? null : companionAt(evidence, path);
  if (!socket || !maker) return null;
  const timing = timingOf(evidence, maker);
  if (!timing) return null;
  return finish(
    evidence,
    socket,
    maker,
    timing,
    timing.isProven ? 'likely' : 'possible',
    `${maker.name} of the same pod has not made ${shorten(path, 60)} yet; ${timing.text}`,
  );
}

/** A file on an empty volume that another container of the pod fills, and that one started later. */
function fromFile(evidence: Evidence): Finding | null {
  const match = matchLog(evidence, FILE);
  const path = match?.groups.find((one) => one !== '') ?? '';
  if (!match || match.position > 1 || mountOf(evidence, path)?.volume?.kind !== 'emptyDir') return null;
  const writer = companionAt(evidence, path);
  const timing = writer ? timingOf(evidence, writer) : null;
  if (!writer || !timing?.isProven) return null;
  const reason = `${writer.name} of the same pod has not written ${shorten(path, 60)} yet; ${timing.text}`;
  return finish(evidence, match, writer, timing, match.position === 0 ? 'certain' : 'likely', reason);
}

/** Nothing outside is reachable before the proxy of the mesh is up. */
function fromMesh(evidence: Evidence): Finding | null {
  const proxy = companions(evidence).find((one) => one.type === 'app' && isMeshProxy(one));
  const match = proxy ? matchLog(evidence, NETWORK) : null;
  if (!proxy || !match || match.position > 3) return null;
  const timing = timingOf(evidence, proxy);
  const last = evidence.lastTermination;
  const livedMs = last && last.startedAt !== null && last.finishedAt !== null ? last.finishedAt - last.startedAt : null;
  if (!timing || livedMs === null || livedMs > 60_000) return null;
  const state = evidence.pod.statuses[proxy.name]?.state;
  const startedAt = state?.kind === 'running' ? state.startedAt : null;
  const isFirst = startedAt === null || (last?.startedAt ?? 0) - startedAt < 15_000;
  if (!timing.isProven && !isFirst) return null;
  return finish(
    evidence,
    match,
    proxy,
    timing,
    timing.isProven ? 'likely' : 'possible',
    `its traffic goes through ${proxy.name}, which was not up yet; ${timing.text}`,
  );
}

/** Containers of a pod start after all init containers, so one of these cannot reach them. */
function fromInit(evidence: Evidence): Finding | null {
  const match = matchLog(evidence, REFUSED) ?? matchLog(evidence, NETWORK);
  if (!match) return null;
  const target = targetOf(match.text);
  const later = companions(evidence).filter((one) => one.type === 'app');
  const named = isLocal(target) ? companionOn(evidence, target.port) : null;
  const server = named && later.includes(named) ? named : null;
  const proxy = server ? null : (later.find(isMeshProxy) ?? null);
  const companion = server ?? proxy;
  if (!companion || match.position > 3) return null;
  const confidence: Confidence = server ? 'certain' : 'possible';
  const reason = server
    ? `${companion.name}, which listens on port ${target.port}, starts only after all init containers`
    : `its traffic goes through ${companion.name}, which starts only after all init containers`;
  return {
    confidence,
    what: `needs ${shorten(companion.name, 30)}, which starts later`,
    sentence: headline(evidence, confidence, reason),
    facts: [
      logFact(match.log, match.no, 'Nobody listens yet'),
      fieldFact(specPath(companion, 'name'), companion.name, 'A container that starts after the init containers'),
    ],
    steps: [
      step(
        'put-sidecar-before',
        `Put ${companion.name} before it`,
        'Opens the workload: list it in initContainers, before this one, with `restartPolicy: Always` and a startupProbe. From Kubernetes 1.29 on.',
        editWorkload(evidence),
        { kind: 'init-ends', container: evidence.container.name },
      ),
      {
        id: 'move-work-to-program',
        operation: { kind: 'decide' },
        title: 'Or do this work in the program',
        text: 'What needs the other container cannot be done before it runs.',
        done: { kind: 'init-ends', container: evidence.container.name },
      },
    ],
  };
}

/** A Job's pod that does not end because a helper runs on. */
function fromOutlived(evidence: Evidence, { finished, helper, finishedAt }: Outlived): Finding {
  const ago = formatDuration(evidence.now - finishedAt);
  const isMesh = isMeshProxy(helper);
  const done: DoneCondition = { kind: 'pod-completes' };
  return {
    confidence: 'certain',
    what: `${shorten(helper.name, 26)} runs on, so the Job never ends`,
    sentence: `${evidence.workload.name} does not complete because ${helper.name} runs on although ${finished.name} ended with exit 0 ${ago} ago.`,
    facts: [
      podFact(
        `status.containerStatuses[${finished.name}].state.terminated.finishedAt`,
        new Date(finishedAt).toISOString(),
        `${finished.name} has done its work`,
      ),
      podFact(`status.containerStatuses[${helper.name}].state`, 'running', `${helper.name} does not end`),
      fieldFact('spec.restartPolicy', evidence.pod.restartPolicy, 'A pod that should end'),
    ],
    steps: [
      step(
        'make-native-sidecar',
        `Make ${helper.name} a sidecar that ends with the pod`,
        'Opens the workload: list it in initContainers with `restartPolicy: Always`; the kubelet ends it when the others have ended. A Job has to be made anew. From Kubernetes 1.29 on.',
        editWorkload(evidence),
        done,
      ),
      isMesh
        ? {
            id: 'leave-mesh',
            operation: { kind: 'decide' },
            title: 'Or leave Jobs out of the mesh, or tell the proxy to quit',
            text: 'The label sidecar.istio.io/inject: "false" on the pod template, native sidecars of the mesh, or a last step that posts to localhost:15020/quitquitquit.',
            done,
          }
        : {
            id: 'end-from-main',
            operation: { kind: 'decide' },
            title: 'Or let the main container end it',
            text: 'Many proxies quit on a request to their admin port (/quitquitquit), or when a file on a shared volume appears.',
            done,
          },
      step(
        'end-helper',
        'End this one now',
        'Its work is done: without the pod the Job counts it as failed and may start another, so suspend or delete the Job where that would do harm.',
        { kind: 'end-container', namespace: evidence.pod.namespace, pod: evidence.pod.name, container: helper.name },
        done,
      ),
    ],
  };
}

/**
 * A container starts before the sidecar that it needs, or a sidecar outlives the Job.
 *
 * A refusal on the pod's own address, on a port of another container that started later, proves the order; so does the kubelet's
 * rule that containers start after all init containers. A sidecar that fails itself, or that has run for long before, is not meant.
 */
export const sidecarOrder = defineRule({
  id: 'sidecar-order',
  cause: 'sidecar-order',
  title: 'Sidecar not ready first, or outliving the job',
  docs: 'https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/',
  doc: {
    describe:
      'One to four restarts right after the pod started, then it runs; or a Job pod `NotReady`, `1/2`, that never completes.',
    logs: '`connection refused` on `127.0.0.1` or `localhost` in the first seconds.',
    steps: [
      'Compare when the containers of the pod started.',
      'Make the sidecar an init container with `restartPolicy: Always` and a startup probe.',
      'Let the program try again instead of ending.',
    ],
    prevention: 'Use native sidecars: they start first, and end with the Job.',
  },
  needs: [],
  specificity: 3,
  supersedes: ['app-exception', 'dependency-dns', 'dependency-refused', 'exits-early', 'probe-too-early'],
  detect: (evidence) => {
    const outlived = findOutlived(evidence);
    if (outlived) return fromOutlived(evidence, outlived);
    if (evidence.container.type === 'init') return fromInit(evidence);
    return fromLocal(evidence) ?? fromFile(evidence) ?? fromMesh(evidence);
  },
});
