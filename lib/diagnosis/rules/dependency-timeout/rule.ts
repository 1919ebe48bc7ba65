import { command, kubectl, outlives, step, tryConnection } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { exitFact, fieldFact, logFact, specFact } from '@/lib/diagnosis/facts';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { type LogMatch, matchLog, type Signature } from '@/lib/diagnosis/match-log';
import { defineRule } from '@/lib/diagnosis/rule';
import { commandWords } from '@/lib/diagnosis/texts/command-words';
import {
  inWords,
  isLocal,
  serviceFact,
  serviceOf,
  type Target,
  targetOf,
} from '@/lib/diagnosis/texts/dependency-target';
import type { Confidence, Fact } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';

/** `connect`: the network gave no answer. `wait`: a start script gave up waiting. `vague`: something timed out, who knows what. */
type Meaning = 'connect' | 'wait' | 'vague';

/** Answers that did come, names that did not resolve, and time limits of other things. */
const OTHERS =
  /connection refused|ECONNREFUSED|lookup \S{1,253}(?: on|:)|no such host|ENOTFOUND|EAI_AGAIN|Temporary failure|Name or service|probe failed|\block|lease|leader|caches? (?:to )?(?:be )?sync|statement timeout|\bquery\b|transaction|idle|session (?:has )?(?:timed out|expired)|shut ?down|graceful|keep-?alive|unapplied|waiting (?:for|on) (?:\w{1,20} )?migration|migration lock|password|certificate|no route to host/i;

/** A network call that names its address says what hangs, also where it is a lock or lease that is asked for. */
const ANSWERED = new RegExp(OTHERS.source.replace('\\block|lease|leader|', ''), 'i');

const SIGNATURES: readonly Signature<Meaning>[] = [
  {
    pattern:
      /dial (?:tcp|udp)\d?(?: \S{1,100})?: (?:connect: )?(?:i\/o timeout|connection timed out|operation (?:was canceled|timed out)|context deadline exceeded)|read (?:tcp|udp) [^\n]{1,200}: i\/o timeout|(?:connect|read|write|getaddrinfo|ping) ETIMEDOUT|\bETIMEDOUT\b|\(etimedout\)|:etimedout|ESOCKETTIMEDOUT|timeout of \d{1,7}\s?ms exceeded|ERR_SOCKET_CONNECTION_TIMEOUT|UND_ERR_(?:CONNECT|HEADERS)_TIMEOUT/,
    meaning: 'connect',
    except: ANSWERED,
  },
  {
    pattern:
      /[Cc]onnect(?:ion)?(?: attempt)?(?: to \S{1,200})? ?(?:has |was )?(?:timed? ?out|time-?out)|[Cc]onnection [Tt]imeout|ConnectTimeout|connect timeout|\((?:110|60): |server on '[^'\n]{1,200}' \((?:110|60|timed out)\)|[Ee]rrno[ =:]{1,3}(?:110|60)\b|os error (?:110|60)\b|code: 110\b|system error: 110\b|kind: TimedOut|TimedOut, |WSAETIMEDOUT|10060\b|curl: \(28\)|Timeout was reached|Operation timed out after/,
    meaning: 'connect',
    except: OTHERS,
  },
  {
    pattern:
      /https?:\/\/[^\s"]{1,300}"?: (?:net\/http: (?:TLS handshake timeout|request canceled while waiting)|context deadline exceeded \(Client\.Timeout)/,
    meaning: 'connect',
    except: ANSWERED,
  },
  {
    pattern:
      /SocketTimeoutException|HttpTimeoutException|HttpConnectTimeoutException|net\/http: TLS handshake timeout|(?:TLS|SSL|[Hh]andshake|AMQP|Socket) (?:handshake )?(?:timed? ?out|timeout)|Client\.Timeout (?:exceeded|or context)|request canceled while waiting for connection|[Tt]imeout exceeded while awaiting headers|ReadTimeout(?:Error)?\b|Read timed out|timeout expired|ORA-12170|[Cc]onnection Timeout Expired|The wait operation timed out|A connection attempt failed because the connected party|Server selection timed out|ServerSelectionTimeoutError|MongoTimeoutException|Timed out (?:after \d{1,8} ms )?(?:while )?waiting for a (?:server|node assignment|connection)|Timed out waiting for connection while in state|ZooKeeperClientTimeoutException|Failed to update metadata after|not present in metadata after|Timeout (?:exceeded )?(?:acquiring|while acquiring|trying to connect)|AcquireTimeout|RedisConnectionException[^\n]{0,80}[Tt]imeout|RedisTimeoutException|RedisCommandTimeoutException|Net::(?:Open|Read|Write)Timeout|execution expired|RPC timed out|dial timeout|failed to dial[^\n]{0,120}(?:deadline|timeout)|no response (?:was received )?from|did not respond|[Nn]ot responding|unresponsive/,
    meaning: 'connect',
    except: OTHERS,
  },
  {
    pattern:
      /timeout occurred after waiting|[Tt]imeout after [\d.]{1,8}\s?(?:s|m|ms|seconds?|minutes?)? waiting (?:on|for)|(?:[Tt]imed out|[Tt]ime-?out|[Gg]ave up|[Gg]iving up|[Ss]topped) (?:while )?(?:waiting|after)[^\n]{0,40}(?:for|on|to reach|connecting to) |(?:could not|couldn't|unable to|failed to|cannot|can't|not able to) (?:connect|reach)[^\n]{0,160}(?:after|within|in) \d{1,6} ?(?:s\b|ms\b|sec|min|attempts|retries|tries|times)|still (?:not (?:reachable|available|up)|unreachable) after|exceeded (?:the )?(?:max(?:imum)? )?(?:number of )?(?:retries|attempts)[^\n]{0,60}(?:connect|reach)/,
    meaning: 'wait',
    except: OTHERS,
  },
  {
    pattern:
      /context deadline exceeded|DeadlineExceeded|DEADLINE_EXCEEDED|TimeoutError|TimeoutException|[Tt]imed out|[Rr]equest timeout|(?:status(?: code)?|HTTP|code|returned|response) ?[:=]? ?(?:504|408)\b|Gateway Time-?out|upstream request timeout|i\/o timeout/,
    meaning: 'vague',
    except: OTHERS,
  },
];

/** An address or host that a command of the spec names, for texts that tell of a timeout and not of whom. */
function targetInSpec({ container }: Evidence): Target {
  for (const word of commandWords(container)) {
    const target = targetOf(word.slice(0, 2048));
    if (target.host !== '' && !isLocal(target)) return target;
  }
  return { host: '', port: '' };
}

function findTarget(
  evidence: Evidence,
  match: LogMatch<Meaning>,
): { readonly target: Target; readonly isFromSpec: boolean } {
  const texts = [match.text, ...match.statement.texts.map((one) => one.text)];
  const own = texts.map(targetOf).find((one) => one.host !== '');
  if (own) return { target: own, isFromSpec: false };
  const host = texts
    .map(
      (text) =>
        /(?:https?|tcp):\/\/(?:[^\s/@"']{1,100}@)?([A-Za-z0-9][\w.-]{1,252})/.exec(text)?.[1] ??
        /(?:[Cc]onnect\w{0,4}|reach|host|server) (?:to |on |at )?["'`]?([A-Za-z0-9][\w-]{0,62}(?:\.[\w-]{1,63}){1,8})/.exec(
          text,
        )?.[1],
    )
    .find((one) => one !== undefined);
  if (host !== undefined) return { target: { host, port: '' }, isFromSpec: false };
  return { target: targetInSpec(evidence), isFromSpec: true };
}

/** Replicas that are ready on other nodes: then the way out of this node is what differs. */
function reachesElsewhere({ siblings, pod }: Evidence): Fact | null {
  const ready = (siblings ?? []).filter((one) => one.ready && one.nodeName !== '' && one.nodeName !== pod.nodeName);
  const here = (siblings ?? []).some((one) => one.ready && one.nodeName === pod.nodeName);
  const first = ready[0];
  if (!first || here || pod.nodeName === '') return null;
  return fieldFact(
    'spec.nodeName',
    `${pod.nodeName}; ${first.podName} is ready on ${first.nodeName}`,
    'Only on this node does it fail',
  );
}

/**
 * Something the program depends on does not answer at all: packets are dropped on the way.
 *
 * A network policy, a firewall, a route or overlapping address ranges swallow them, or what listens there hangs. An answer,
 * be it a refusal, is `dependency-refused`; a name that does not resolve `dependency-dns`. "Timed out" without a peer says
 * little and is only possible.
 */
export const dependencyTimeout = defineRule({
  id: 'dependency-timeout',
  cause: 'dependency-timeout',
  title: 'Traffic to a dependency is dropped',
  docs: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
  doc: {
    describe: '`Error` with exit 1, half a minute or more after each start, always after about the same time.',
    logs: '`i/o timeout`, `ETIMEDOUT`, `connection timed out`, `Server selection timed out`.',
    steps: [
      'Try the connection from a pod of its own, in the same namespace and on the same node.',
      'Read the network policies of both namespaces.',
      "For addresses outside the cluster: firewall, security group, route, and whether the address lies within the cluster's own ranges.",
    ],
    prevention:
      'Test each network policy with the connections that must pass, and let programs name the peer and the time in their errors.',
  },
  needs: ['log'],
  specificity: 3,
  supersedes: ['app-exception'],
  detect: (evidence) => {
    const match = matchLog(evidence, SIGNATURES);
    if (!match || evidence.lastTermination?.reason === 'OOMKilled') return null;
    const { meaning } = match;
    const { target, isFromSpec } = findTarget(evidence, match);
    const loose = logConfidence(evidence, match);
    const hasPeer = target.host !== '' && !isFromSpec;
    let confidence: Confidence = loose;
    if (isLocal(target) || (meaning === 'vague' && (!hasPeer || match.position > 3))) confidence = 'possible';
    const service = serviceOf(evidence, target);
    const who = inWords(target);
    const isApi =
      service?.name === 'kubernetes' ||
      /KUBERNETES_SERVICE_HOST|https:\/\/[\d.]{7,15}:443\/(?:apis?\b|version\b)/.test(match.text);
    const elsewhere = reachesElsewhere(evidence);
    const shown = isApi ? `the API server at ${who}` : who;
    const exit = exitFact(evidence);
    const { pod, container } = evidence;
    const safe = (text: string) => text.replace(/[^\w.:[\]-]/g, '');
    return {
      confidence,
      what: shorten(`${shown} does not answer`, 60),
      sentence: headline(
        evidence,
        confidence,
        `${shorten(shown, 100)} does not answer: the traffic is dropped on the way, or it hangs`,
      ),
      facts: [
        logFact(match.log, match.no, 'What it waited for'),
        ...(isFromSpec && target.host !== ''
          ? [
              specFact(
                evidence,
                container.args.length > 0 ? 'args' : 'command',
                shorten(commandWords(container).join(' '), 300),
                'Whom it is told to call',
              ),
            ]
          : []),
        ...(service ? [serviceFact(service)] : []),
        ...(elsewhere ? [elsewhere] : []),
        ...(exit ? [exit] : []),
      ],
      steps: [
        ...(safe(target.host) === '' || safe(target.port) === ''
          ? []
          : [
              step(
                'try-connection',
                'Try the connection from a pod beside it',
                'The same silence there means the way or the other side; an answer there means what only this pod has: its labels, which policies select, or its node.',
                tryConnection(evidence, safe(target.host), safe(target.port)),
              ),
            ]),
        step(
          'see-network-policies',
          'Read the network policies of its namespace',
          'A policy with egress rules drops all that it does not name, the resolver and the API server included; the namespace of the other side may hold ingress rules.',
          kubectl(evidence, 'get', 'networkpolicies', '-o', 'yaml'),
        ),
        (elsewhere || isApi) && pod.nodeName !== ''
          ? step(
              'see-node-network',
              'Look at the network of its node',
              'kube-proxy and the network plug-in of the node must run; a node that lost them cannot reach any Service.',
              command(
                'kubectl',
                'get',
                'pods',
                '--all-namespaces',
                '--field-selector',
                `spec.nodeName=${pod.nodeName}`,
                '-o',
                'wide',
              ),
            )
          : {
              id: 'follow-way-out',
              operation: { kind: 'decide' as const },
              title: 'Follow the way out of the cluster',
              text: 'Firewall or security group of the other side, the address that the cluster leaves by, a proxy that is demanded, address ranges that overlap with those of pods and Services.',
              done: outlives(evidence),
            },
      ],
    };
  },
});
