import { command, containerPatch, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { eventFact, fieldFact, specPath } from '@/lib/diagnosis/facts';
import { parseImage } from '@/lib/diagnosis/image-reference';
import { eventsOf, podEvents } from '@/lib/diagnosis/probe-kill';
import { defineRule } from '@/lib/diagnosis/rule';
import type { DoneCondition } from '@/lib/diagnosis/steps/condition';
import { findPullFailure, type PullFailure } from '@/lib/diagnosis/texts/image-pull';
import type { Confidence, Step } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';

type Kind =
  | 'rate-limit'
  | 'name'
  | 'proxy'
  | 'refused'
  | 'silent'
  | 'plain-http'
  | 'certificate'
  | 'down'
  | 'broken-off';

/** What the runtime's text says of the way to the registry, the clearest first; the first group of `name` is the host. */
const READINGS: readonly (readonly [Kind, RegExp])[] = [
  [
    'plain-http',
    /server gave HTTP response to HTTPS client|first record does not look like a TLS|wrong version number/,
  ],
  [
    'certificate',
    /x509:|certificate (?:has expired|is not|signed by|verify)|failed to verify certificate|unknown authority/i,
  ],
  ['proxy', /proxyconnect|Proxy Authentication Required/],
  ['name', /lookup ([\w.-]{1,253})|no such host|server misbehaving|name resolution/],
  ['refused', /connection refused|no route to host|network is unreachable|connection reset/],
  ['silent', /i\/o timeout|TLS handshake timeout|deadline exceeded|Client\.Timeout|timed out|request canceled/],
  ['down', /\b50[0234]\b|Service Unavailable|Bad Gateway|Gateway Time-?out|Internal Server Error|RegistryUnavailable/],
  ['broken-off', /unexpected EOF|: EOF|short read|failed commit on ref|failed size validation/],
];

/** Sockets of the node's own runtime: it is down, and no registry was asked. */
const OWN_RUNTIME = /(?:containerd|crio|cri-dockerd|docker)\.sock|Cannot connect to the Docker daemon/;

/** A pull that failed: of the container's image, or of the sandbox's own before it. */
interface Failure extends PullFailure {
  readonly image: string;
}

function findFailure(evidence: Evidence): Failure | null {
  const own = findPullFailure(evidence);
  if (own) return { ...own, image: evidence.container.image };
  const { state } = evidence.status;
  if (state.kind !== 'waiting' || !['ContainerCreating', 'PodInitializing', ''].includes(state.reason)) return null;
  const sandbox = podEvents(evidence, 'FailedCreatePodSandBox').findLast((event) =>
    /failed to (?:get|pull)[^\n]{0,40}image/.test(event.message.slice(0, 2048)),
  );
  const image = /image "([^"]{1,300})"/.exec(sandbox?.message.slice(0, 2048) ?? '')?.[1];
  if (!sandbox || !image) return null;
  const kind = /toomanyrequests|429 Too Many/.test(sandbox.message) ? 'rate-limit' : 'network';
  const fact = eventFact(sandbox, "The image of the pod's sandbox cannot be pulled");
  return { kind, text: sandbox.message, fact, image };
}

function kindOf({ kind, text }: PullFailure): Kind | null {
  if (OWN_RUNTIME.test(text.slice(0, 4096))) return null;
  if (kind === 'rate-limit') return 'rate-limit';
  if (kind !== 'network' && kind !== 'tls' && kind !== 'corrupt') return null;
  const found = READINGS.find(([, pattern]) => pattern.test(text.slice(0, 4096)))?.[0] ?? null;
  // A layer that cannot be unpacked is broken in the registry or on the node; one that broke off on its way is not.
  if (kind === 'corrupt') return found === 'broken-off' ? found : null;
  return found ?? (kind === 'tls' ? 'silent' : 'down');
}

const SHORT: Readonly<Record<Kind, string>> = {
  'rate-limit': 'limits pulls (429)',
  name: 'does not resolve on the node',
  proxy: 'cannot be reached through the proxy',
  refused: 'refuses the connection',
  silent: 'does not answer',
  'plain-http': 'speaks HTTP, not HTTPS',
  certificate: 'has a certificate the node rejects',
  down: 'answers with a server error',
  'broken-off': 'breaks the download off',
};

const LONG: Readonly<Record<Kind, string>> = {
  'rate-limit': 'lets no more pulls through for now (429)',
  name: "cannot be found: its name does not resolve with the node's DNS",
  proxy: "cannot be reached through the node's proxy",
  refused: 'refuses the connection from the node',
  silent: 'does not answer the node in time',
  'plain-http': 'speaks plain HTTP, and the runtime asks by HTTPS',
  certificate: 'shows a certificate that the node does not trust',
  down: 'answers with an error of its own',
  'broken-off': 'breaks the download off',
};

function steps(evidence: Evidence, kind: Kind, registry: string): readonly Step[] {
  const { image } = evidence.container;
  const node = evidence.pod.nodeName;
  const done: DoneCondition = { kind: 'image-pulled' };
  const fromNode = step(
    'try-from-node',
    'Try it from the node',
    'Opens a pod on the node, in its network, and asks the registry: any HTTP answer, 401 included, means that it is reachable.',
    command(
      'kubectl',
      'debug',
      `node/${node}`,
      '-it',
      '--image=busybox:1.36',
      '--',
      'wget',
      '-T',
      '5',
      '-O-',
      `${kind === 'plain-http' ? 'http' : 'https'}://${registry === 'docker.io' ? 'registry-1.docker.io' : registry}/v2/`,
    ),
  );
  if (kind === 'rate-limit') {
    return [
      {
        id: 'pull-with-login',
        operation: { kind: 'decide' },
        title: 'Pull with a login, or from a mirror',
        text: 'Anonymous pulls are counted by the address that all nodes may share. A pull secret counts by account; a mirror or pull-through cache in front of the registry ends it. The kubelet tries again by itself: the limit resets after hours.',
        done,
      },
      ...(evidence.container.imagePullPolicy === 'Always'
        ? [
            containerPatch(
              evidence,
              { imagePullPolicy: 'IfNotPresent' },
              {
                id: 'pull-less',
                title: 'Do not ask the registry at each start',
                text: 'With the policy Always each start counts as a pull, even where the node has the image.',
                done,
              },
            ),
          ]
        : []),
    ];
  }
  const decide: Step =
    kind === 'certificate'
      ? {
          id: 'trust-authority',
          operation: { kind: 'decide' },
          title: "Let the nodes trust the registry's authority",
          text: `Renew the certificate where it has expired or names another host. Where its authority is your own, put the CA into the runtime's configuration on every node: /etc/containerd/certs.d/${registry}/hosts.toml for containerd.`,
          done,
        }
      : kind === 'plain-http'
        ? {
            id: 'fix-registry-scheme',
            operation: { kind: 'decide' },
            title: 'Give the registry TLS, or tell the nodes that it has none',
            text: `For containerd: server = "http://${registry}" in /etc/containerd/certs.d/${registry}/hosts.toml on every node.`,
            done,
          }
        : {
            id: 'repair-way-to-registry',
            operation: { kind: 'decide' },
            title:
              kind === 'name' ? "Repair the name or the node's DNS" : 'Repair the way from the nodes to the registry',
            text:
              kind === 'name'
                ? "Pulls use the resolver of the node, not the cluster's: names of Services do not resolve there. Correct the registry's name in the image, or the node's DNS."
                : kind === 'down' || kind === 'broken-off'
                  ? "Look at the registry's own state. The kubelet tries again by itself, at most 5 minutes apart."
                  : 'Firewall, proxy settings of the runtime, egress of the subnet, or the registry itself. The kubelet tries again by itself, at most 5 minutes apart.',
            done,
          };
  return [
    ...(node === '' ? [] : [fromNode]),
    decide,
    step(
      'see-other-pulls',
      'See whether other pulls fail too',
      'Every image of this registry on every node, or only here: that tells the registry from the node.',
      command('kubectl', 'get', 'events', '-A', '--field-selector', 'reason=Failed', '--sort-by=.lastTimestamp'),
    ),
    ...(kind === 'silent' || kind === 'broken-off'
      ? [
          {
            id: 'bring-image-nearer',
            operation: { kind: 'decide' as const },
            title: 'Or bring a large image nearer',
            text: `Where only ${shorten(image, 60)} fails, it may be too large for the line: pull from a mirror in the same network.`,
          },
        ]
      : []),
  ];
}

/**
 * The registry cannot be reached from the node, or lets no more pulls through.
 *
 * The runtime's own text proves it: 429, a name that does not resolve, a refusal, a timeout, a certificate. A bare "context
 * deadline exceeded" may also be a pull that is only slow. A registry that answers "denied" or "not found" was reached.
 */
export const registryUnreachable = defineRule({
  id: 'registry-unreachable',
  cause: 'registry-unreachable',
  title: 'Registry unreachable or rate limited',
  docs: 'https://kubernetes.io/docs/concepts/containers/images/',
  doc: {
    describe:
      '`ErrImagePull` with `toomanyrequests`, `dial tcp ... i/o timeout`, `no such host`, `connection refused` or `x509`.',
    logs: 'None: it never ran.',
    steps: [
      'Ask the registry from the node: pulls use the network, DNS and proxy of the node.',
      'For 429 pull with a login, or through a cache.',
      'For `x509` put the authority of the registry into the configuration of the runtime.',
    ],
    prevention: 'Keep a pull-through cache in the cluster, and do not use the pull policy Always with fixed tags.',
  },
  needs: [],
  specificity: 3,
  detect: (evidence) => {
    const failure = findFailure(evidence);
    const kind = failure ? kindOf(failure) : null;
    if (!failure || !kind) return null;
    const { image } = failure;
    const registry = parseImage(image)?.registry ?? image.split('/')[0] ?? 'the registry';
    const isBare = /context deadline exceeded/.test(failure.text) && !/dial|Head |Get |https?:/.test(failure.text);
    const confidence: Confidence = isBare || kind === 'broken-off' ? 'likely' : 'certain';
    const pulled = eventsOf(evidence, 'Failed').findLast((event) => event.message.startsWith('Failed to pull image'));
    const isSame = failure.fact.place.tab === 'events' && failure.fact.place.eventUid === pulled?.uid;
    return {
      confidence,
      what: `${shorten(registry, 30)} ${SHORT[kind]}`,
      sentence: headline(evidence, confidence, `${registry} ${LONG[kind]}`, 'does not start'),
      facts: [
        failure.fact,
        ...(pulled && !isSame ? [eventFact(pulled, 'What the runtime reports')] : []),
        ...(image === evidence.container.image
          ? [fieldFact(specPath(evidence.container, 'image'), image, 'The image asked for')]
          : []),
      ],
      steps: steps(evidence, kind, registry),
    };
  },
});
