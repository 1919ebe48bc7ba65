import { endpointSlices, kubectl, outlives, step, tryConnection } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { exitFact, fieldFact, logFact, specPath } from '@/lib/diagnosis/facts';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { matchLog, type Signature } from '@/lib/diagnosis/match-log';
import { defineRule } from '@/lib/diagnosis/rule';
import { commandWords } from '@/lib/diagnosis/texts/command-words';
import { inWords, isLocal, serviceFact, serviceOf, targetOf } from '@/lib/diagnosis/texts/dependency-target';
import type { Confidence, Finding } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';

/** What a client says of any failed connection. */
const GENERAL = 'does not let it connect';
/** What a general sentence may wrap: silence, names, credentials, certificates. */
const WRAPPED =
  /timed? ?out|time-?out|deadline|\(110\)|no such host|ENOTFOUND|EAI_AGAIN|resolve|name or service|authenticat|password|denied|certificate|x509|TLS|SSL|unable to open database file|no such file/i;

/** What the other side did: completes "db:5432 …". */
const SIGNATURES: readonly Signature<string>[] = [
  {
    pattern:
      /ECONNREFUSED|[Cc]onnection (?:was )?refused|Connection to \S{1,200} refused|actively refused|connect failed: refused|\(econnrefused\)|:econnrefused|code: 111\b|errno[ =:]{1,3}111\b/,
    meaning: 'refuses the connection',
    except: /probe failed|[Hh]ealth ?check/,
  },
  {
    pattern:
      /(?:database system|server|the system|cluster|service|broker) is (?:starting up|shutting down|not ready|not yet ready|initializing|loading|in recovery)|LOADING Redis is loading|not yet accepting connections|the database system is/,
    meaning: 'is not ready yet',
  },
  {
    pattern: /EHOSTUNREACH|[Nn]o route to host|ENETUNREACH|[Nn]etwork is unreachable|Can't reach database server at/,
    meaning: 'cannot be reached',
  },
  {
    pattern: /(?:too many (?:connections|clients)|remaining connection slots|max number of clients reached)/i,
    meaning: 'has no connection left',
  },
  {
    pattern:
      /NoBrokersAvailable|[Nn]o available (?:bootstrap|brokers?)|Broker may not be available|brokers? (?:are|is) (?:down|not available)|all brokers down/i,
    meaning: 'has no broker that answers',
  },
  {
    pattern: /no servers available for connection/,
    meaning: 'has no server that answers',
  },
  {
    pattern:
      /(?:leader ?election|leaderelection) lost|failed to renew lease|lost (?:the )?(?:leader|master) (?:lease|election)/i,
    meaning: 'no longer confirmed its lease',
  },
  {
    pattern:
      /Communications link failure|server closed the connection unexpectedly|[Cc]onnection reset by peer|ECONNRESET|[Cc]onnection is not available|(?:MySQL|MariaDB) server has gone away|Lost connection to (?:MySQL|server)|terminating connection due to administrator/,
    meaning: 'closes the connection',
  },
  {
    pattern:
      /50[34] Service (?:Temporarily )?Unavailable|(?:status(?: code)?|HTTP\/\d\.\d|returned|code)[ :=]{1,3}50[234]\b|Service Unavailable|no (?:healthy upstream|endpoints available)|UNAVAILABLE: /,
    meaning: 'is not available',
    except: /probe failed/,
  },
  {
    pattern:
      /(?:could not|couldn't|cannot|can't|can not|unable to|not able to|not possible to|impossible to|wasn't able to|failed to|failure to|failed while trying to|error while trying to) (?:establish|open|obtain|make|create|get)?\s?(?:a |the |any )?(?:initial )?(?:\w{1,30} )?(?:connection|connect)(?:ion)? (?:to|with|from)\b/i,
    meaning: GENERAL,
    except: WRAPPED,
  },
];

/** Settings that name a server: variables, arguments, keys of ConfigMaps, each with its place. */
function* settings(evidence: Evidence): Generator<readonly [place: string, text: string]> {
  const { container, references } = evidence;
  for (const { name, value } of container.env) if (value) yield [`${specPath(container, 'env')}[${name}]`, value];
  for (const word of commandWords(container)) yield [specPath(container, 'args'), word];
  for (const { kind, name, data } of references ?? []) {
    if (kind !== 'ConfigMap') continue;
    for (const [key, text] of Object.entries(data ?? {}))
      for (const line of text.slice(0, 65_536).split('\n', 2000)) yield [`configmap/${name}[${key}]`, line];
  }
}

/** No log is held: a Service that its settings name has no ready address. Never more than possible. */
function fromSettings(evidence: Evidence): Finding | null {
  const { log, lastTermination: last } = evidence;
  const down = (evidence.services ?? []).filter((one) => one.readyEndpoints === 0 && !one.isOwn);
  if (log || !last || last.exitCode === 0 || last.reason === 'OOMKilled' || down.length === 0) return null;
  for (const [place, text] of settings(evidence)) {
    const service = serviceOf(evidence, targetOf(text.slice(0, 512)));
    if (!service || !down.includes(service)) continue;
    const exit = exitFact(evidence);
    return {
      confidence: 'possible',
      what: `${shorten(service.name, 40)} is not ready`,
      sentence: headline(
        evidence,
        'possible',
        `it cannot reach ${service.name}, which its settings name: no ready pod stands behind it`,
      ),
      facts: [
        serviceFact(service),
        fieldFact(place, shorten(text.trim(), 200), 'Where it is named'),
        ...(exit ? [exit] : []),
      ],
      steps: [
        step(
          'see-endpoints',
          'See what stands behind the Service',
          'No address means that no pod of the dependency is ready, or that its selector fits none.',
          endpointSlices(service),
          { kind: 'endpoints-ready', namespace: service.namespace, service: service.name },
        ),
        step(
          'read-next-log',
          'Read the log of the next run',
          'It says whether this is what it ends with.',
          kubectl(evidence, 'logs', evidence.pod.name, '-c', evidence.container.name, '--previous'),
        ),
      ],
    };
  }
  return null;
}

/**
 * What the program depends on answers with a refusal, or that it is not ready.
 *
 * An answer came back: a refusal, a reset, "starting up", no address behind the Service. Silence belongs to
 * `dependency-timeout`, a name that does not resolve to `dependency-dns`, a refusal on the pod's own address to a sidecar.
 * Certain where the Service is known to have no ready address.
 */
export const dependencyRefused = defineRule({
  id: 'dependency-refused',
  cause: 'dependency-refused',
  title: 'A dependency refuses or is not ready',
  docs: 'https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/',
  doc: {
    describe: '`Error` with exit 1, after as long as the client tries; often several workloads at once.',
    logs: '`connection refused`, `ECONNREFUSED`, `the database system is starting up`, `no route to host`.',
    steps: [
      'See whether the Service has ready addresses behind it.',
      'Look at the pods of the dependency: this one only reports their failure.',
      'Check the port against the Service.',
    ],
    prevention:
      'Let the program wait and try again with growing pauses instead of ending, and show its state by a readiness probe.',
  },
  needs: [],
  specificity: 3,
  supersedes: ['app-exception'],
  detect: (evidence) => {
    const match = matchLog(evidence, SIGNATURES);
    // A general sentence counts for as much as what it wraps: a time-out, a name, a password is another cause.
    const { texts } = match?.statement ?? { texts: [] };
    if (!match) return fromSettings(evidence);
    if (match.meaning === GENERAL && texts.some(({ text }) => WRAPPED.test(text))) return null;
    const target = targetOf(match.text);
    const service = serviceOf(evidence, target);
    const likely = logConfidence(evidence, match);
    const wrongPort =
      service !== null && target.port !== '' && !service.ports.some((one) => String(one.port) === target.port);
    let confidence: Confidence = likely;
    if (isLocal(target)) confidence = 'possible';
    else if (likely === 'likely' && service?.readyEndpoints === 0) confidence = 'certain';
    const who = inWords(target);
    const exit = exitFact(evidence);
    const reason = wrongPort
      ? `${who} ${match.meaning}; its Service has only port ${service.ports.map((one) => one.port).join(', ')}`
      : service?.readyEndpoints === 0
        ? `${who} ${match.meaning}: no ready pod stands behind it`
        : `${who} ${match.meaning}`;
    return {
      confidence,
      what: `${who.length > 40 ? `${who.slice(0, 39)}…` : who} ${match.meaning}`,
      sentence: headline(evidence, confidence, reason),
      facts: [
        logFact(match.log, match.no, 'What it says of its dependency'),
        ...(service ? [serviceFact(service)] : []),
        ...(exit ? [exit] : []),
      ],
      steps: [
        service
          ? step(
              'see-endpoints',
              'See what stands behind the Service',
              'No address means that no pod of the dependency is ready, or that its selector fits none.',
              endpointSlices(service),
              { kind: 'endpoints-ready', namespace: service.namespace, service: service.name },
            )
          : step(
              'see-services',
              'See whether there is such a Service, and what stands behind it',
              'A refusal comes from a host that is there and a port on which nobody listens.',
              kubectl(evidence, 'get', 'services,endpointslices'),
            ),
        ...(target.host === '' || target.port === ''
          ? []
          : [
              step(
                'try-connection',
                'Try the connection from a pod of its own',
                'Tells a dependency that is down from one that only this pod cannot reach.',
                tryConnection(evidence, target.host, target.port),
              ),
            ]),
        {
          id: 'wait-instead-of-ending',
          operation: { kind: 'decide' },
          title: 'Let it wait instead of ending',
          text: 'A start that tries again with growing pauses outlives a restart of its dependency without a crash loop.',
          done: outlives(evidence),
        },
      ],
    };
  },
});
