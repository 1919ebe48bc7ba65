import { command, editWorkload, kubectl, listVariables, outlives, rollbackStep, step } from '@/lib/diagnosis/commands';
import type { ContainerEvidence, Evidence } from '@/lib/diagnosis/evidence';
import { eventFact, exitFact, fieldFact, logFact, specPath } from '@/lib/diagnosis/facts';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { type LogMatch, matchLog, type Signature } from '@/lib/diagnosis/match-log';
import { podEvents } from '@/lib/diagnosis/probe-kill';
import { defineRule } from '@/lib/diagnosis/rule';
import type { Confidence, Fact, Finding, Step } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';

/** The kernel's EADDRINUSE (98, on Windows 10048) as runtimes and servers word it. */
const SIGNATURES: readonly Signature<'kernel' | 'program'>[] = [
  {
    pattern:
      /EADDRINUSE|[Aa]ddress (?:is )?already in use|[Aa]ddress in use\b|AddrInUse|:eaddrinuse|\(eaddrinuse\)|\((?:98|48): |[Ee]rrno[ =:]{1,3}98\b|os error 98\b|code: 98\b|Only one usage of each socket address|WinError 10048/,
    meaning: 'kernel',
    except: /probe failed|[Ww]ill retry|[Rr]etrying|\bunix\b|\.sock\b/,
  },
  {
    pattern:
      /[Pp]ort:? '?"?\d{2,5}'?"? (?:is |was |appears to be |has been )?(?:already |currently )?(?:in use|taken|used|occupied|bound|allocated)|[Pp]ort (?:is |was )?already (?:in use|taken|used|occupied|bound|allocated)|(?:[Aa]nother|[Oo]ther) (?:process|instance|program|server|service|postmaster|application) (?:is |may be |already |might be )?(?:already )?(?:running on port|listening|using (?:the |this )?(?:port|address)|bound)|still could not bind\(\)|(?:[Ff]ailed|[Uu]nable|[Cc]annot|[Cc]ould not|[Cc]ouldn't) (?:to )?bind (?:to )?[^\n]{0,80}(?:in use|already)|no free port|[Ss]omething is already running on port|[Aa]nother program is already listening/,
    meaning: 'program',
    except: /probe failed|already running[^\n]{0,20}pid|\.pid\b/,
  },
];

const PORT: readonly RegExp[] = [
  /(?:bind|listen|address|server|socket|on|to|for|at)\b[^\n]{0,60}?[\w.*\]]?:(\d{1,5})\b/i,
  /\bport:? ?['"]?(\d{2,5})/i,
  /[\w.*\]]:(\d{2,5})\b/,
  /\bbind[^\n]{0,40}?, ?(\d{2,5})\)/,
];

/** The port that is taken: named in the line, else in a line beside it. */
function portOf(match: LogMatch<unknown>): string {
  const index = match.log.lines.findIndex((one) => one.no === match.no);
  const near = match.log.lines.slice(Math.max(0, index - 2), index + 4).map((one) => one.text.slice(0, 1024));
  const times = /\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?/g;
  for (const text of [match.text, ...match.statement.texts.map((one) => one.text), ...near]) {
    for (const pattern of PORT) {
      const port = pattern.exec(text.replace(times, ''))?.[1];
      if (port !== undefined && Number(port) > 0 && Number(port) < 65_536) return port;
    }
  }
  return '';
}

/** Other containers of the pod, which share its ports: those that declare the port, else all that run on. */
function sharers({ pod, container }: Evidence, port: string): readonly ContainerEvidence[] {
  const others = [...pod.containers, ...pod.initContainers.filter((one) => one.type === 'sidecar')].filter(
    (one) => one.name !== container.name,
  );
  const declared = others.filter((one) => one.ports.some((each) => String(each.containerPort) === port));
  return declared.length > 0 ? declared : others.filter((one) => pod.statuses[one.name]?.state.kind === 'running');
}

/** Whether the sharer declares the port itself: then it is named for sure. */
function declares(container: ContainerEvidence | undefined, port: string): boolean {
  return container?.ports.some((one) => String(one.containerPort) === port) ?? false;
}

function holderFact({ pod }: Evidence, sharer: ContainerEvidence | undefined, port: string): Fact | null {
  if (pod.hostNetwork) return fieldFact('spec.hostNetwork', 'true', 'It shares the ports of its node');
  if (!sharer) return null;
  return declares(sharer, port)
    ? fieldFact(specPath(sharer, 'ports'), `containerPort ${port}`, `Container ${sharer.name} has it`)
    : fieldFact(specPath(sharer, 'image'), sharer.image, `Container ${sharer.name} shares the ports of the pod`);
}

const HOST_PORT_COLUMNS =
  'custom-columns=NS:.metadata.namespace,POD:.metadata.name,HOSTNET:.spec.hostNetwork,PORTS:.spec.containers[*].ports[*].containerPort';

function stepsOf(evidence: Evidence, port: string, sharer: ContainerEvidence | undefined): readonly Step[] {
  const { pod, container } = evidence;
  const edit = editWorkload(evidence);
  const grep = port === '' ? 'LISTEN' : `:${port}`;
  if (pod.hostNetwork) {
    return [
      step(
        'see-port-holder',
        'See who holds it on the node',
        'A pod with host network meets every process of its node: kube-proxy with a node port, a system service, or another pod.',
        kubectl(
          evidence,
          'debug',
          `node/${pod.nodeName}`,
          '-it',
          '--image=busybox:1.36',
          '--',
          'chroot',
          '/host',
          'sh',
          '-c',
          `ss -ltnp | grep ${grep}`,
        ),
      ),
      step(
        'list-host-network-pods',
        'List the other pods with host network on this node',
        'Two of them that listen on one port cannot share a node. Declare the port under `ports`, and the scheduler keeps them apart.',
        command(
          'kubectl',
          'get',
          'pods',
          '--all-namespaces',
          '--field-selector',
          `spec.nodeName=${pod.nodeName}`,
          '-o',
          HOST_PORT_COLUMNS,
        ),
      ),
      step(
        'change-port',
        'Give it another port, or take host network away',
        'In its arguments or settings, and in the Service and probes that use it.',
        edit,
        outlives(evidence),
      ),
    ];
  }
  if (sharer) {
    return [
      step(
        'see-sharer-ports',
        `See what ${sharer.name} listens on`,
        'All containers of a pod share one network and its ports.',
        kubectl(
          evidence,
          'exec',
          pod.name,
          '-c',
          sharer.name,
          '--',
          'sh',
          '-c',
          'ss -ltn 2>/dev/null || netstat -ltn || cat /proc/net/tcp',
        ),
      ),
      step(
        'change-port',
        `Give ${container.name} or ${sharer.name} another port`,
        'In its arguments or settings, and in the Service and probes that use it.',
        edit,
        outlives(evidence),
      ),
    ];
  }
  return [
    {
      id: 'look-for-second-listener',
      operation: { kind: 'decide' },
      title: 'Look for a second listener in the program itself',
      text: 'Two parts of it may be set to one port (service and metrics, a server started twice, a supervisor that starts it again while the first still lives), or a start script leaves a process behind. A server that lacks the right to bind a port below 1024 may call it taken as well.',
    },
    step(
      'compare-ports',
      'Compare its ports',
      'Arguments, variables and ConfigMaps that set a port.',
      listVariables(evidence),
    ),
    step(
      'change-port',
      'Give one of them another port',
      'In its arguments or settings, and in the Service and probes that use it.',
      edit,
      outlives(evidence),
    ),
  ];
}

/** The runtime or the port-map plug-in could not open a host port for the pod. */
const HOST_PORT =
  /port is already allocated|cannot (?:open|bind) hostport|(?:host ?port|portmap|external connectivity|userland proxy)[^\n]{0,400}(?:already in use|already allocated|conflict)/i;

/** A pod that does not start because a host port that its spec asks for is taken on the node. */
function fromRuntime(evidence: Evidence): Finding | null {
  const { pod, container } = evidence;
  const refused = podEvents(evidence, 'FailedCreatePodSandBox', 'Failed', 'HostPortConflict').findLast((event) =>
    HOST_PORT.test(event.message.slice(0, 4096)),
  );
  if (!refused || evidence.status.state.kind === 'running') return null;
  const named = /(?:0\.0\.0\.0|\[::\]|hostport|host port|port):? ?"?(?:\/?\w{2,4}\/)?:?(\d{2,5})/i.exec(
    refused.message,
  )?.[1];
  const port = named ?? String(container.ports.find((one) => one.hostPort !== null)?.hostPort ?? '');
  const shown = port === '' ? 'a host port' : `host port ${port}`;
  return {
    confidence: 'certain',
    what: shorten(`${shown} is taken on its node`, 60),
    sentence: headline(evidence, 'certain', `${shown} is already taken on node ${pod.nodeName}`, 'does not start'),
    facts: [eventFact(refused, 'What opening the host port said')],
    steps: stepsOf({ ...evidence, pod: { ...pod, hostNetwork: true } }, port, undefined),
  };
}

/**
 * The port that the program wants to listen on is already bound.
 *
 * The kernel says so with EADDRINUSE. Who holds it is read from the spec: with host network a process of the node, else another
 * container of the pod, else the program itself. Certain where the spec shows with whom the port is shared. A lock or pid
 * file that says "already running" is `data-corrupt`; a port that the user may not bind is `denied-by-kernel`; a pod that finds no
 * node with a free host port is `unschedulable`.
 */
export const portInUse = defineRule({
  id: 'port-in-use',
  cause: 'port-in-use',
  title: 'Port already bound',
  docs: 'https://kubernetes.io/docs/concepts/workloads/pods/#pod-networking',
  doc: {
    describe: '`Error` with exit 1, seconds after each start; `hostNetwork`, or a second container in the pod.',
    logs: '`bind: address already in use`, `EADDRINUSE`, `Port 8080 was already in use`, `BindException`.',
    steps: [
      'With host network: see who holds the port on the node.',
      'Else: compare the ports of all containers of the pod.',
      'Give one of them another port.',
    ],
    prevention:
      'Declare every port under `ports`, host ports above all, and use host network only where nothing else will do.',
  },
  needs: [],
  specificity: 3,
  supersedes: ['app-exception', 'node-runtime'],
  detect: (evidence) => {
    const match = matchLog(evidence, SIGNATURES);
    if (!match) return fromRuntime(evidence);
    if (evidence.lastTermination?.reason === 'OOMKilled') return null;
    const { pod } = evidence;
    const port = portOf(match);
    const sharer = pod.hostNetwork ? undefined : sharers(evidence, port)[0];
    const loose = logConfidence(evidence, match);
    const code = evidence.lastTermination?.exitCode ?? 0;
    const isLast = match.position === 0 && code !== 0 && loose === 'likely' && match.meaning === 'kernel';
    const isShared = pod.hostNetwork || (sharer !== undefined && declares(sharer, port));
    const confidence: Confidence = isLast && isShared ? 'certain' : loose;
    const shown = port === '' ? 'its port' : `port ${port}`;
    const holder = pod.hostNetwork
      ? `on node ${pod.nodeName}, whose network it uses`
      : sharer
        ? declares(sharer, port)
          ? `by container ${sharer.name} of its own pod`
          : 'by another container of its own pod or by itself'
        : '';
    const exit = exitFact(evidence);
    const fact = holderFact(evidence, sharer, port);
    return {
      confidence,
      what: shorten(`${shown} is already bound${pod.hostNetwork ? ' on its node' : ''}`, 60),
      sentence: headline(evidence, confidence, `${shown} is already bound${holder === '' ? '' : ` ${holder}`}`),
      facts: [logFact(match.log, match.no, 'What binding it said'), ...(fact ? [fact] : []), ...(exit ? [exit] : [])],
      steps: [
        ...stepsOf(evidence, port, sharer),
        ...rollbackStep(evidence, 'Helps where this revision brought the port or the second container.'),
      ],
    };
  },
});
