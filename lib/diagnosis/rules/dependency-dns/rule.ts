import { command, kubectl, outlives, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { exitFact, fieldFact, logFact } from '@/lib/diagnosis/facts';
import { rankStatements } from '@/lib/diagnosis/log/decisive-line';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { matchLog, type Signature } from '@/lib/diagnosis/match-log';
import { defineRule } from '@/lib/diagnosis/rule';
import { serviceOf } from '@/lib/diagnosis/texts/dependency-target';
import { egressBar } from '@/lib/diagnosis/texts/egress';
import type { Confidence, Finding, Step } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';

const HOST = '["\'`(\\[<]{0,2}([A-Za-z0-9_][\\w.-]{0,252})';
const re = (source: string, flags = ''): RegExp => new RegExp(source, flags);

/** `resolver`: the name server itself did not answer. `name`: it answered that there is no such name. */
type Meaning = 'name' | 'resolver';

/** The name of a proxy is a setting, not a dependency. */
const PROXY = /proxyconnect|resolve proxy/;

const SIGNATURES: readonly Signature<Meaning>[] = [
  {
    pattern: re(`lookup ${HOST}(?: on \\S{1,60})?: (?:no such host|Name or service not known|NXDOMAIN)`),
    meaning: 'name',
  },
  {
    pattern: re(
      `lookup ${HOST}(?: on \\S{1,60})?: (?:.{0,80}(?:i/o timeout|connection refused)|server misbehaving|Temporary failure|Try again)`,
    ),
    meaning: 'resolver',
  },
  { pattern: re(`getaddrinfo (?:ENOTFOUND) ${HOST}`), meaning: 'name' },
  { pattern: re(`getaddrinfo (?:EAI_AGAIN) ${HOST}`), meaning: 'resolver' },
  {
    pattern: re(
      `(?:queryA|queryAaaa|querySrv|queryTxt|resolve) (?:ENOTFOUND|ESERVFAIL|EREFUSED|ETIMEOUT|ENODATA) ${HOST}`,
    ),
    meaning: 'name',
  },
  { pattern: re(`UnknownHostException: ${HOST}`), meaning: 'name' },
  { pattern: re(`host not found in upstream ${HOST}`), meaning: 'name' },
  { pattern: re(`could not translate host name ${HOST}`), meaning: 'name' },
  {
    pattern: re(
      `(?:[Cc]ould not|[Cc]ouldn't|[Cc]annot|[Cc]an't|[Uu]nable to|[Ff]ailed to) resolve (?:the )?(?:hostname |host(?: name)? |address |domain |name |server |DNS name )?:? ?${HOST}`,
    ),
    meaning: 'name',
    except:
      /placeholder|module|dependenc|import|reference|symbol|type|path|plugin|loader|variable|conflict|image|manifest/i,
  },
  { pattern: re(`bad address ${HOST}`), meaning: 'name' },
  { pattern: re(`can't (?:resolve|find) ${HOST}(?::|'|$)`), meaning: 'name', except: /module|loader/i },
  { pattern: re(`server can't find ${HOST}: (?:NXDOMAIN|SERVFAIL|REFUSED)`), meaning: 'name' },
  {
    pattern: re(
      `(?:unknown host|Unknown host|no such host is known|No such host is known|Host not found|host not found|HOST NOT FOUND|Unknown MySQL server host|unknown server host)[.:( ]{0,4}${HOST}`,
    ),
    meaning: 'name',
    except: /resolver/,
  },
  {
    pattern: re(
      `${HOST}['"]?: ?(?:\\d{2,5}: )?(?:Name or service not known|Name does not resolve|nodename nor servname provided|No address associated with hostname|Temporary failure in name resolution|host not found|Host not found|NXDOMAIN|nxdomain|Unknown host)`,
    ),
    meaning: 'name',
    except: /resolver/,
  },
  {
    pattern:
      /failed to lookup address information|Name or service not known|nodename nor servname|Name does not resolve|No address associated with hostname|php_network_getaddresses|:nxdomain|\(nxdomain\)|nxdomain|gaierror|No such host is known|no such host|getaddrinfo failed|DNS resolution failed|ENOTFOUND|UnknownHostException|No resolvable bootstrap urls|Couldn't resolve server/,
    meaning: 'name',
  },
  {
    pattern: /Temporary failure in name resolution|EAI_AGAIN|server misbehaving|SERVFAIL|Name resolution failure/i,
    meaning: 'resolver',
  },
];
/** An init container's loop that waits for a name, in its own words. */
const NO_HOST =
  /^(?:to|for|the|a|on|in|name|host|hostname|address|failed|error|getaddrinfo|lookup|tcp|ENOTFOUND|EAI_AGAIN|Errno|null|undefined|socket|gaierror|-?\d{1,3})$/i;
const IN_TEXT =
  /(?:https?|tcp|postgres(?:ql)?|mysql|redis|amqps?|mongodb(?:\+srv)?|nats|kafka|jdbc:\w{1,20}):\/\/(?:[^\s/@"']{1,100}@)?([\w.-]{1,253})|\bhost(?:name)?[=: "'(]{1,3}([\w-]{1,63}(?:\.[\w-]{1,63}){0,8})|(?:^|[\s"'(@/])([\w-]{1,63}(?:\.[\w-]{1,63}){0,8}):\d{2,5}\b/;

function hostIn(groups: readonly string[], text: string): string {
  const direct = groups.find((group) => group !== '' && !NO_HOST.test(group));
  if (direct) return direct.replace(/[.:]$/, '');
  const near = IN_TEXT.exec(text);
  return near?.slice(1).find((group) => group !== undefined && group !== '' && !NO_HOST.test(group)) ?? '';
}

const DNS_PORT = 53;
/** What a program says that could not connect, whyever. */
const NO_CONNECTION =
  /connect|unreachable|reach|timed? ?out|not (?:available|ready|respond)|ECONN|EHOST|ETIMEDOUT|resolve|wait/i;

function allowStep(evidence: Evidence): Step {
  return step(
    'see-network-policies',
    'See what the network policies let out',
    'An egress policy has to let out UDP and TCP to port 53 of the cluster DNS, and the ports of what the pod needs.',
    kubectl(evidence, 'get', 'networkpolicies', '-o', 'yaml'),
    outlives(evidence),
  );
}

/** No resolver is quoted, but a policy lets no DNS query out of the pod, and nothing else explains why it cannot connect. */
function fromPolicy(evidence: Evidence): Finding | null {
  const { log, lastTermination: last } = evidence;
  const bar = egressBar(evidence, DNS_PORT);
  if (!bar || !last || last.exitCode === 0 || last.reason === 'OOMKilled') return null;
  const line = log ? rankStatements(log)[0]?.statement : undefined;
  if (log && !(line && NO_CONNECTION.test(line.message))) return null;
  const exit = exitFact(evidence);
  return {
    confidence: 'possible',
    what: 'no name can resolve: DNS is not let out',
    sentence: headline(evidence, 'possible', `${bar.who} lets no DNS query out of the pod, so that no name resolves`),
    facts: [bar.fact, ...(log && line ? [logFact(log, line.no, 'What it says')] : []), ...(exit ? [exit] : [])],
    steps: [allowStep(evidence)],
  };
}

/**
 * The name of something the program depends on does not resolve.
 *
 * The resolver's own words name the host. Either there is no such Service (a wrong name or namespace, or not installed yet), or
 * the resolver itself cannot be asked: then a policy or the cluster's DNS is at fault. A policy that lets no DNS query out makes it
 * possible by itself.
 */
export const dependencyDns = defineRule({
  id: 'dependency-dns',
  cause: 'dependency-dns',
  title: 'Name of a dependency does not resolve',
  docs: 'https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/',
  doc: {
    describe: '`Error` with exit 1 after as long as the client tries; or an init container that waits.',
    logs: '`no such host`, `ENOTFOUND`, `Name or service not known`, `host not found in upstream`, `bad address`.',
    steps: [
      'See whether the Service exists, in which namespace and under which name.',
      'From another namespace the name needs the namespace: `name.namespace`.',
      'Ask the resolver from a pod: where nothing resolves, DNS or a network policy is at fault.',
    ],
    prevention: 'Take names of dependencies from one place, and allow port 53 in every egress policy.',
  },
  needs: [],
  specificity: 3,
  supersedes: ['app-exception'],
  detect: (evidence) => {
    const match = matchLog(evidence, SIGNATURES);
    if (!match) return fromPolicy(evidence);
    if (PROXY.test(match.text)) return null;
    const bar = egressBar(evidence, DNS_PORT);
    const host = hostIn(match.groups, match.text);
    const service = host === '' ? null : serviceOf(evidence, { host, port: '' });
    const isInCluster =
      host !== '' && (!host.includes('.') || /\.svc(?:\.|$)/.test(host) || host.split('.').length === 2);
    const hasServices = (evidence.services?.length ?? 0) > 0;
    const isAbsent = isInCluster && hasServices && service === null;
    const elsewhere =
      service && service.namespace !== evidence.pod.namespace && !host.includes('.') ? service.namespace : null;
    const confidence: Confidence = logConfidence(evidence, match);
    const shown = host === '' ? 'the name of a dependency' : host;
    const reason =
      elsewhere !== null
        ? `${shown} does not resolve: the Service is in namespace ${elsewhere}`
        : match.meaning === 'resolver'
          ? `the resolver does not answer for ${shown}${bar ? `: ${bar.who} lets no DNS query out` : ''}`
          : isAbsent
            ? `${shown} does not resolve: there is no such Service`
            : `${shown} does not resolve`;
    const exit = exitFact(evidence);
    const known = (evidence.services ?? []).map((one) => one.name).join(', ');
    return {
      confidence,
      what: `${shorten(shown, 44)} does not resolve`,
      sentence: headline(evidence, confidence, reason),
      facts: [
        logFact(match.log, match.no, 'What the resolver says'),
        ...(isAbsent || elsewhere !== null
          ? [fieldFact('services', shorten(known, 300), 'The Services that are known')]
          : []),
        ...(bar ? [bar.fact] : []),
        ...(exit ? [exit] : []),
      ],
      steps: [
        ...(bar ? [allowStep(evidence)] : []),
        step(
          'list-services',
          'See which Services there are',
          'The name may differ, or the Service may live in another namespace.',
          host.includes('.')
            ? command('kubectl', 'get', 'services', '--all-namespaces')
            : kubectl(evidence, 'get', 'services'),
        ),
        step(
          'ask-resolver',
          'Ask the resolver from a pod',
          "Where kubernetes.default does not resolve either, the cluster's DNS or a policy is at fault, not this name.",
          kubectl(
            evidence,
            'run',
            'unloop-dns',
            '--rm',
            '-it',
            '--restart=Never',
            '--image=busybox:1.36',
            '--',
            'sh',
            '-c',
            `nslookup kubernetes.default${host === '' ? '' : `; nslookup ${host.replace(/[^\w.-]/g, '')}`}`,
          ),
        ),
      ],
    };
  },
});
