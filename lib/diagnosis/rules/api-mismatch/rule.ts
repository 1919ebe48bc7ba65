import { command, kubectl, outlives, rollbackStep, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { exitFact, logFact, specFact } from '@/lib/diagnosis/facts';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { type LogMatch, matchLog, type Signature } from '@/lib/diagnosis/match-log';
import { defineRule } from '@/lib/diagnosis/rule';
import type { Confidence, Step } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';

/**
 * `kind`: a kind or resource that the API server does not serve; `cluster`: the cluster's version itself is refused; `server`: a
 * method that another server lacks; `field`: a field that the stored definition does not know.
 */
type Meaning = 'kind' | 'cluster' | 'server' | 'field';

/** Words of a question that never reached the API server, or was turned away: nothing is known of what it serves. */
const UNASKED =
  /dial tcp|connection refused|i\/o timeout|no route to host|no such host|context deadline exceeded|x509:|[Ff]orbidden|[Uu]nauthorized/;

/** The groups name kind, then group and version, where the text has them. Quotes may be escaped in structured logs. */
const SIGNATURES: readonly Signature<Meaning>[] = [
  {
    pattern: /no matches for kind \\{0,3}"(\w{1,80})\\{0,3}" in (?:version|group) \\{0,3}"([\w./-]{1,160})/,
    meaning: 'kind',
  },
  { pattern: /no matches for (?:kind )?([\w./-]{1,120}), (?:Kind|Resource)=(\w{1,80})/, meaning: 'kind' },
  { pattern: /no matches for ([\w.]{1,80}\/\w{1,20}, Resource=\w{1,80})/, meaning: 'kind' },
  {
    pattern: /[Ff]ailed to (?:list|watch|get) \*([\w.]{1,120}): .{0,160}could not find the requested resource/,
    meaning: 'kind',
  },
  {
    pattern:
      /(?:the )?server could not find the requested resource(?: \((?:get|post|put|patch|list|watch|delete) ([\w.-]{1,160}))?/,
    meaning: 'kind',
  },
  { pattern: /the server doesn't have a resource type \\{0,3}"([\w./-]{1,120})/, meaning: 'kind' },
  {
    pattern:
      /customresourcedefinitions?\.apiextensions\.k8s\.io \\{0,3}"([\w.-]{1,200})\\{0,3}" not found|CustomResourceDefinition \\{0,3}"?([\w.-]{1,200})"? (?:was )?not found/i,
    meaning: 'kind',
  },
  {
    pattern:
      /if kind is a CRD, it should be installed before|ensure CRDs are installed first|[Rr]esource mapping not found for|unable to recognize \\{0,3}"/,
    meaning: 'kind',
  },
  {
    pattern:
      /(?:required |missing |the |necessary |following )?\b(?:CRDs?|[Cc]ustom ?[Rr]esource ?[Dd]efinitions?)\b.{0,120}\b(?:not (?:be )?(?:found|installed|present|available|registered|established|exist|ready|detected|served)|missing|must be installed|need(?:s)? to be installed|do(?:es)? not exist|are required|is required)|\b(?:missing|could not find|cannot find|can't find|unable to find|failed to find|no) .{0,60}\bCRDs?\b/,
    meaning: 'kind',
    except: /skip|disabl|optional|will (?:be )?(?:retr|wait)|not watching/i,
  },
  {
    pattern:
      /(?:GET|POST|PUT|PATCH|DELETE) (?:at:? ?)?https?:\/\/\S{1,120}\/apis\/([\w.-]{1,120}\/\w{1,20}\/\S{1,160}?)\.? .{0,40}(?:Not Found|404)|\/apis\/([\w.-]{1,120}\/\w{1,20}\/\S{1,120}).{0,80}404 page not found|HTTP response body: (?:b')?404 page not found|ApiError: .{0,40}404 page not found/,
    meaning: 'kind',
  },
  {
    pattern:
      /unable to retrieve the complete list of server APIs: ([\w./-]{1,120})|(?:API|api) (?:group|version|resource)s? \\{0,3}"?([\w./-]{1,120})\\{0,3}"? .{0,40}(?:not (?:found|available|supported|served|registered)|is no longer (?:served|available)|was removed)/,
    meaning: 'kind',
    except:
      /currently unable to handle|stale GroupVersion|no kind is registered|forbidden|unauthorized|x509|timeout|timed out|deadline|refused|no such host/i,
  },
  {
    pattern:
      /(?:kubernetes|k8s|cluster|server|API server)\b.{0,30}\bversion\b.{0,80}\b(?:is )?(?:not (?:compatible|supported)|unsupported|incompatible|too (?:old|new|low)|needs? (?:at least|to be)|must be (?:at least|>=|greater))|(?:requires?|needs?|minimum|at least) (?:a )?(?:supported )?(?:kubernetes|k8s)(?: cluster)?(?: server)? ?(?:version )?(?:of )?(?:>=? ?|v)?\d\.\d{1,2}|unsupported (?:kubernetes|k8s) version/i,
    meaning: 'cluster',
    except: /warn|elasticsearch|kafka|postgres|mysql|mongo|redis|data|client version/i,
  },
  {
    pattern:
      /unknown (?:service|method \w{1,60} for service) ([\w.]{1,120})|code = Unimplemented desc = (?:unknown )?(.{1,100})/,
    meaning: 'server',
    except: /grpc\.health|reflection/,
  },
  {
    pattern:
      /strict decoding error: unknown field \\{0,3}"([\w.[\]-]{1,160})|(?:field|Field) (?:not declared in schema|is unknown in the schema)/,
    meaning: 'field',
  },
];

/** Informers that never filled say which kind they waited for; why stands in an earlier line, or nowhere. */
const WAITED =
  /failed to wait for (\S{1,80}) caches to sync|timed out waiting for cache(?:s)? to (?:be )?sync(?:ed)?(?: for Kind \*?([\w.]{1,120}))?/;

function nameOf(match: LogMatch<Meaning>): string {
  const [first = '', second = ''] = match.groups;
  if (/no matches for kind/.test(match.text) && second !== '') return `${first} of ${second}`;
  return first || second;
}

/** The resource to ask for: the plural of a kind is close enough for grep. */
function groupOf(match: LogMatch<Meaning>): string {
  const [first = '', second = ''] = match.groups;
  const text = second.includes('/') || second.includes('.') ? second : first;
  const parts = text.split('/');
  const group = parts.find((part) => part.includes('.')) ?? parts[0] ?? '';
  return group.replace(/^v\d\w{0,12}\./, '');
}

function steps(evidence: Evidence, match: LogMatch<Meaning>): readonly Step[] {
  const group = groupOf(match);
  const look =
    match.meaning === 'cluster'
      ? step(
          'see-cluster-version',
          'See the version of the cluster',
          'The notes of the program say which versions it supports.',
          command('kubectl', 'version'),
        )
      : match.meaning === 'server'
        ? step(
            'compare-versions',
            'Compare the versions of both sides',
            'The program asks for a method that the server it calls does not have.',
            kubectl(evidence, 'get', 'pods', '-o', 'wide'),
          )
        : step(
            'see-served-apis',
            'See what the cluster serves',
            'The group and version that the program asks for must stand in the list.',
            group
              ? { ...command('kubectl', 'api-resources'), pipes: [['grep', '-i', group]] }
              : command('kubectl', 'api-versions'),
          );
  return [
    look,
    {
      id: 'run-matching-version',
      operation: { kind: 'decide' },
      title:
        match.meaning === 'cluster'
          ? 'Run a version of the program that supports this cluster'
          : match.meaning === 'server'
            ? 'Bring both sides to versions that fit'
            : 'Install the definition, or a version of the program that does without it',
      text:
        match.meaning === 'kind'
          ? 'A kind of an operator comes with its CRDs, which `helm upgrade` does not update. A kind of Kubernetes itself, such as policy/v1beta1, was removed with an upgrade of the cluster: then the program must be newer.'
          : 'The release notes of both name the versions that work together.',
      done: outlives(evidence),
    },
    ...(match.meaning === 'kind'
      ? [
          step(
            'see-definitions',
            'See which definitions are there',
            'With their age: one that is older than the program may lack a version.',
            command('kubectl', 'get', 'crd', '--sort-by=.metadata.creationTimestamp'),
          ),
        ]
      : []),
    ...rollbackStep(evidence, 'The version before did without the kind.'),
  ];
}

/**
 * The program expects a kind, a version of an API or a version of Kubernetes that the cluster does not have.
 *
 * Kubernetes' own client says so: "no matches for kind", "could not find the requested resource". Being forbidden is
 * `rbac-denied`, an API server that does not answer a dependency. Many controllers warn of kinds that they can do without.
 */
export const apiMismatch = defineRule({
  id: 'api-mismatch',
  cause: 'api-mismatch',
  title: 'The cluster lacks an API or CRD the program expects',
  docs: 'https://kubernetes.io/docs/reference/using-api/deprecation-guide/',
  doc: {
    describe: '`Error` with exit 1 or 2, at once or after two minutes of waiting for caches.',
    logs: '`no matches for kind "…" in version "…"`, `the server could not find the requested resource`, `timed out waiting for cache to be synced`.',
    steps: [
      'See whether the cluster serves the group and version (`kubectl api-resources`).',
      'Install the CRDs of the version that runs; Helm does not update them.',
      'After an upgrade of the cluster, upgrade the program: beta versions are removed.',
    ],
    prevention: 'Read the list of removed APIs before an upgrade of the cluster, and ship CRDs with the operator.',
  },
  needs: ['log'],
  specificity: 3,
  supersedes: ['app-exception', 'exits-early', 'probe-too-early', 'probe-wrong'],
  detect: (evidence) => {
    const match = matchLog(evidence, SIGNATURES);
    const waited = matchLog<Meaning>(evidence, [{ pattern: WAITED, meaning: 'kind' }]);
    const best = match ?? waited;
    if (!best || UNASKED.test(best.text)) return null;
    const exit = exitFact(evidence);
    const plain = logConfidence(evidence, best);
    const isWeak = match === null || match.meaning === 'field' || match.meaning === 'server';
    // The cache that was waited for at the end makes the earlier line about the same start the reason of the end.
    const isBacked = match !== null && waited !== null && !isWeak;
    const confidence: Confidence = isWeak
      ? 'possible'
      : isBacked && evidence.lastTermination?.exitCode
        ? 'likely'
        : plain;
    const name = shorten(nameOf(best), 70);
    const { reason, what } = {
      kind: {
        reason:
          name === ''
            ? 'the cluster does not serve a kind that it expects'
            : `the cluster does not serve ${name}, which it expects`,
        what: name === '' ? 'a kind that it expects is not served' : `${shorten(name, 40)} is not served`,
      },
      cluster: {
        reason: 'it does not support the version of this cluster',
        what: 'does not support this cluster version',
      },
      server: {
        reason: `a server that it calls lacks ${name || 'a method'}`,
        what: `server lacks ${shorten(name || 'a method', 40)}`,
      },
      field: {
        reason: `the definition in the cluster does not know the field ${name}`,
        what: `field ${shorten(name, 40)} is unknown`,
      },
    }[best.meaning];
    const changed = evidence.revision?.changes.find((change) => change.path.endsWith('.image'));
    return {
      confidence,
      what,
      sentence: headline(evidence, confidence, reason),
      facts: [
        logFact(best.log, best.no, 'What the API server answered'),
        ...(waited && waited.no !== best.no ? [logFact(waited.log, waited.no, 'What it waited for in vain')] : []),
        changed
          ? specFact(evidence, 'image', `${changed.before} → ${changed.after}`, 'It was changed with this revision')
          : specFact(evidence, 'image', evidence.container.image, 'The version that runs'),
        ...(exit ? [exit] : []),
      ],
      steps: steps(evidence, best),
    };
  },
});
