import { containerPatch, kubectl, outlives, specPatch, step } from '@/lib/diagnosis/commands';
import type { Evidence, ServiceEvidence } from '@/lib/diagnosis/evidence';
import { exitFact, fieldFact, logFact } from '@/lib/diagnosis/facts';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { type LogMatch, matchLog, type Signature } from '@/lib/diagnosis/match-log';
import { defineRule } from '@/lib/diagnosis/rule';
import type { Confidence } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';

/** `link`: the address stands in the text. `cut`: only the `tcp` of it does. `port`: a port setting is no number, by its name. */
type Meaning = 'link' | 'cut' | 'port';

const LINK = 'tcp:\\/\\/(\\d{1,3}(?:\\.\\d{1,3}){3}|\\[[0-9a-f:]{2,45}\\]):?(\\d{1,5})';

const SIGNATURES: readonly Signature<Meaning>[] = [
  {
    pattern: new RegExp(LINK, 'i'),
    meaning: 'link',
    except:
      /docker|daemon|listening|[Ss]erving|[Ss]tarted|broker|zmq|nats|dial tcp|amqp|mqtt|connection refused|timed? ?out/i,
  },
  {
    pattern:
      /'?"?\btcp'?"? is not a valid port|invalid port(?: number)?:? ['"]?tcp\b|port[^\n]{0,20}["'`]tcp["'`:]|For input string: "(?:tcp:|\/\/)|[\w.-]:tcp:\/|(?:host|address|lookup|resolve)[^\n]{0,20}\btcp:\/\/|Name or service not known[^\n]{0,40}tcp:/i,
    meaning: 'cut',
  },
  {
    pattern:
      /\[?\b([A-Za-z][\w.-]{0,40}\]?[._-]port)\b\]?[^\n]{0,60}?(?:expected|must be|should be|is not|not an?|invalid)[^\n]{0,60}?(?:number|integer|\bint\b|port)/i,
    meaning: 'port',
  },
  {
    pattern:
      /(?:invalid|bad|wrong|malformed|cannot parse|could not parse|unable to parse|failed to parse|error parsing|not an?|parse error)\b[^\n]{0,100}\b([A-Z][A-Z0-9_]{1,60}_PORT)\b|\b([A-Z][A-Z0-9_]{1,60}_PORT)\b[^\n]{0,80}(?:invalid|not an?\b|must be|should be|cannot be parsed|malformed)/i,
    meaning: 'port',
  },
];

/** What stands around a value that could not be taken for a port. */
const REFUSED =
  /Failed to bind|failed to convert|invalid|must be|should be|not a valid|NumberFormat|cannot parse|could not parse|unable to parse|expected (?:a )?number/i;

/** Tells whether the value stands in a report, of which another line says that it could not be used. */
function isReported(evidence: Evidence, match: LogMatch<Meaning>): boolean {
  const code = evidence.lastTermination?.exitCode ?? 0;
  const index = match.log.lines.findIndex((one) => one.no === match.no);
  const near = match.log.lines.slice(Math.max(0, index - 5), index + 5);
  return code !== 0 && code < 128 && near.some((one) => REFUSED.test(one.text.slice(0, 1024)));
}

/** The prefix of the variables that a Service becomes (kubelet: pkg/kubelet/envvars/envvars.go). */
function prefixOf({ name }: ServiceEvidence): string {
  return name.toUpperCase().replaceAll('-', '_');
}

/** Services of the pod's own namespace: only those become variables. */
function linked({ services, pod }: Evidence): readonly ServiceEvidence[] {
  return (services ?? []).filter(
    (one) => one.namespace === pod.namespace && one.clusterIP !== '' && one.clusterIP !== 'None',
  );
}

/** The Service whose variable the program took for its own: by address, by variable name, else by the program's own name. */
function serviceOf(
  evidence: Evidence,
  match: LogMatch<Meaning>,
): { readonly service: ServiceEvidence; readonly isProven: boolean } | null {
  const services = linked(evidence);
  const { container, workload } = evidence;
  if (match.meaning === 'link') {
    const [address = '', port = ''] = match.groups;
    const byAddress = services.find(
      (one) => one.clusterIP === address && one.ports.some((each) => String(each.port) === port),
    );
    if (byAddress) return { service: byAddress, isProven: true };
  }
  const named = variableIn(match);
  const byName = services.find((one) => named === `${prefixOf(one)}_PORT`);
  if (byName) return { service: byName, isProven: match.meaning !== 'port' || match.groups.includes(named) };
  if (match.meaning === 'port') return null;
  const image = container.image.split('/').at(-1)?.split(/[:@]/)[0] ?? '';
  const own = [container.name, workload.name, image];
  const byProgram = services
    .filter((one) =>
      own.some((name) => name === one.name || name.startsWith(`${one.name}-`) || one.name.endsWith(`-${name}`)),
    )
    .toSorted((a, b) => a.name.length - b.name.length)[0];
  return byProgram ? { service: byProgram, isProven: false } : null;
}

/** The variable that the text or the lines around it name, in capitals, or empty. */
function variableIn(match: LogMatch<Meaning>): string {
  if (match.meaning === 'port')
    return (match.groups.find((one) => one !== '') ?? '').toUpperCase().replace(/[.\]-]{1,2}/g, '_');
  const texts = [match.text, ...match.statement.texts.map((one) => one.text), ...match.statement.frames];
  return texts.map((text) => /\b([A-Z][A-Z0-9_]{1,60}_PORT)\b/.exec(text)?.[1] ?? '').find((one) => one !== '') ?? '';
}

/**
 * A variable that Kubernetes makes for a Service, `NAME_PORT=tcp://10.0.0.1:80`, stands where the program reads its own
 * setting of that name.
 *
 * Certain where the address in the error is that of a Service of the namespace, or where the variable is named and such a
 * Service is there. With `enableServiceLinks: false`, or where the pod spec sets the variable itself, it is another
 * matter (`setting-invalid`).
 */
export const serviceLinkEnv = defineRule({
  id: 'service-link-env',
  cause: 'service-link-env',
  title: "Service-link variables override the program's own",
  docs: 'https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables',
  doc: {
    describe: '`Error` with exit 1, seconds after each start; a Service has the name of the program.',
    logs: '`tcp://10.…` in an error about a port, a number or a URL: `invalid literal for int()`, `Invalid HTTP port`.',
    steps: [
      'Set `enableServiceLinks: false` in the pod template.',
      'Or set the variable in the pod spec: an own value wins over the Service.',
      'Or rename the Service.',
    ],
    prevention: 'Switch `enableServiceLinks` off in every template: names of Services come by DNS.',
  },
  needs: ['log'],
  specificity: 3,
  supersedes: ['app-exception', 'setting-invalid', 'config-syntax', 'env-missing'],
  detect: (evidence) => {
    const { pod, container } = evidence;
    if (!pod.enableServiceLinks) return null;
    const match = matchLog(evidence, SIGNATURES);
    if (!match) return null;
    const found = serviceOf(evidence, match);
    if (match.meaning === 'port' && !found) return null;
    const named = variableIn(match);
    const variable = found ? `${prefixOf(found.service)}_PORT` : named;
    const isOwn = container.env.some((one) => one.name === variable || (one.value?.includes('tcp://') ?? false));
    if (isOwn) return null;
    const alone = logConfidence(evidence, match);
    const loose = alone === 'possible' && match.meaning === 'link' && isReported(evidence, match) ? 'likely' : alone;
    const isAbsent = found === null && linked(evidence).length > 0 && match.meaning === 'link';
    const code = evidence.lastTermination?.exitCode ?? 0;
    let confidence: Confidence = loose;
    if (found?.isProven && loose === 'likely' && match.position < 3 && code !== 0) confidence = 'certain';
    else if (isAbsent) confidence = 'possible';
    const shown = variable === '' ? 'a variable of a Service' : variable;
    const reason = found
      ? `${shown} comes from the Service ${found.service.name} and overrides its own setting of that name`
      : `${shown} comes from a Service and overrides its own setting of that name`;
    const exit = exitFact(evidence);
    const name = variable === '' ? 'NAME_PORT' : variable;
    return {
      confidence,
      what: shorten(`${shown} is set by ${found ? `Service ${found.service.name}` : 'a Service'}`, 60),
      sentence: headline(evidence, confidence, reason),
      facts: [
        logFact(match.log, match.no, 'The value that it took for its own'),
        ...(found
          ? [
              fieldFact(
                `service/${found.service.namespace}/${found.service.name}`,
                `${variable}=tcp://${found.service.clusterIP}:${found.service.ports[0]?.port ?? ''}`,
                'What Kubernetes makes of this Service',
              ),
            ]
          : []),
        fieldFact('spec.enableServiceLinks', 'true', 'Variables of Services are given to the pod'),
        ...(exit ? [exit] : []),
      ],
      steps: [
        specPatch(
          evidence,
          { enableServiceLinks: false },
          {
            id: 'switch-links-off',
            title: 'Switch the variables of Services off',
            text: 'Services are found by DNS all the same; only the variables of the API server stay.',
            done: outlives(evidence),
          },
        ),
        containerPatch(
          evidence,
          { env: [{ name, value: 'VALUE' }] },
          {
            id: 'set-variable',
            title: `Or set ${name} yourself`,
            text: 'A variable of the pod spec wins over that of a Service. Put the port in place of VALUE.',
            done: outlives(evidence),
          },
          variable === '' ? ['NAME_PORT', 'VALUE'] : ['VALUE'],
        ),
        step(
          'list-services',
          'See which Services become variables',
          'Those of the same namespace with a cluster address.',
          kubectl(evidence, 'get', 'services'),
        ),
      ],
    };
  },
});
