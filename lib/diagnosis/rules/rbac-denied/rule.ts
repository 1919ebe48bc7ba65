import { command, kubectl, outlives, seenByPerson, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { exitFact, fieldFact, logFact } from '@/lib/diagnosis/facts';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { type LogMatch, matchLog, type Signature } from '@/lib/diagnosis/match-log';
import { findProbeKill } from '@/lib/diagnosis/probe-kill';
import { defineRule } from '@/lib/diagnosis/rule';
import type { Confidence, Fact, Step } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';

/** `denied`: the API server's own sentence, with who, verb and resource. `forbidden`: a client's word for it. `token`: none is mounted. `cloud`: the provider's IAM. */
type Meaning = 'denied' | 'forbidden' | 'token' | 'cloud';

const Q = '\\\\?["\'`]';

/** The API server's sentence: staging/src/k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go. */
const SIGNATURES: readonly Signature<Meaning>[] = [
  {
    pattern: new RegExp(
      `[Uu]ser ${Q}([^"\\\\'\`]{1,300})${Q}? cannot (\\w{1,30}) (?:resource ${Q})?([\\w./*-]{1,120})(?:${Q})?(?: in API group ${Q}([\\w.-]{0,200})${Q})?(?: (?:in the namespace ${Q}([\\w-]{1,63})|at the cluster scope))?`,
    ),
    meaning: 'denied',
    // Printed by every server with delegated authentication that goes on without it.
    except: /Error looking up in-cluster authentication configuration/,
  },
  {
    pattern:
      /(?:open|stat|lstat|ENOENT[^\n]{0,40}|FileNotFound[^\n]{0,60}|NoSuchFile[^\n]{0,60}|file)[^\n]{0,20}\/(?:var\/)?run\/secrets\/kubernetes\.io\/serviceaccount\/(?:token|ca\.crt|namespace)[^\n]{0,40}(?:no such file|not found|does not exist|$)|serviceaccount\/(?:token|ca\.crt|namespace)['"]?:? (?:no such file|not found|does not exist|\(No such file)|Service (?:token|certification|certificate) file does not exist|Service (?:token|certificat\w{1,6}) file (?:is )?(?:empty|exists but)|(?:service ?account token|serviceaccount token)[^\n]{0,40}(?:not found|missing|not mounted|could not be (?:read|found)|does not exist)/i,
    meaning: 'token',
    except: /level=(?:info|debug)|ca\.crt: permission/i,
  },
  {
    pattern:
      /attempting to grant RBAC permissions not currently held|(?:\w{1,60}\.)?(?:rbac\.authorization\.k8s\.io|\w{1,80}) (?:"[^"]{1,253}" )?is forbidden: User|Configured service account doesn't have access|Service account may have been revoked|(?:ApiException|ApiError|HTTP response body|KubernetesClientException)[^\n]{0,80}(?:\(403\)|[Ff]orbidden)|^\(403\)|Reason: Forbidden|"reason":\s?"Forbidden"|reason=Forbidden|ErrorResponse\b[^\n]{0,300}code: 403|(?:pods|nodes|secrets|configmaps|leases|endpoints|services|namespaces|events|deployments|customresourcedefinitions)[\w./ "-]{0,120} (?:is|are) forbidden|RBAC: (?:clusterrole|role)\S{0,60} [^\n]{0,80}not found|forbidden: not allowed to|(?:lacks?|missing|insufficient|does not have|doesn't have|without) (?:the )?(?:required |necessary |sufficient |enough |appropriate )?(?:RBAC|cluster ?role|kubernetes|API) (?:permissions?|rights|access|rules?|privileges)/i,
    meaning: 'forbidden',
    except:
      /Error looking up in-cluster authentication configuration|PodSecurity|exceeded quota|violates|admission webhook|image|pull|registry|GET \/|POST \//i,
  },
  {
    pattern:
      /[Nn]ot authorized to perform:? ([\w:.*]{1,100})|AccessDenied(?:Exception)?\b|Access Denied\. |does not have (?:\w[\w.]{1,100} )(?:access|permission)|PERMISSION_DENIED|PermissionDenied\b|Permission '([\w.]{1,100})' denied|AuthorizationFailed\b|does not have authorization to perform action '([^']{1,120})'|googleapi: Error 403|(?:status(?: code)?|HTTP\/\d(?:\.\d)?|HTTP|code|returned|response) ?[:=]? ?403\b|\b403 (?:Client Error|Forbidden)/,
    meaning: 'cloud',
    except:
      /image|pull|registry|GET \/|POST \/|nginx|probe failed|java\.nio\.file|System\.Unauthorized|UnauthorizedAccess|os error 13|Os \{|Permission denied \(os|kind: PermissionDenied/,
  },
];

interface Denial {
  readonly account: string;
  readonly namespace: string;
  readonly verb: string;
  readonly resource: string;
  readonly group: string;
  /** Empty for the cluster scope. */
  readonly where: string;
}

function denialOf(match: LogMatch<Meaning>): Denial | null {
  if (match.meaning !== 'denied') return null;
  const [user = '', verb = '', resource = '', group = '', where = ''] = match.groups;
  if (resource === 'path') return null;
  const [, , namespace = '', account = ''] = /^system:serviceaccount:/.test(user) ? user.split(':') : [];
  return { account, namespace, verb, resource, group, where };
}

function grantSteps(evidence: Evidence, denial: Denial): readonly Step[] {
  const { account, namespace, verb, resource, group, where } = denial;
  // Who lists also watches: a cache needs both.
  const verbs = verb === 'list' || verb === 'watch' ? ['get', 'list', 'watch'] : [verb];
  const isWhole = group === '' || resource.includes('.');
  const what = isWhole ? resource : `${resource}.${group}`;
  const name = `${evidence.workload.name}-${verb}-${resource.replace(/[^a-z0-9-]/g, '-')}`.slice(0, 60);
  const user = `system:serviceaccount:${namespace}:${account}`;
  const check = command(
    'kubectl',
    'auth',
    'can-i',
    verb,
    what,
    `--as=${user}`,
    ...(where === '' ? ['--all-namespaces'] : ['-n', where]),
  );
  return [
    step('ask-permission', 'Ask whether it may', 'Answers no while the permission is lacking.', check),
    step(
      'grant-permission',
      where === '' ? 'Grant it for the whole cluster' : `Grant it in namespace ${where}`,
      'Better still, add the rule where the role is kept (chart, operator bundle): the next release overwrites a role that was made by hand only there.',
      {
        kind: 'create',
        object: {
          kind: 'Grant',
          namespace: where,
          name,
          verbs,
          resource,
          group: isWhole ? '' : group,
          account: { namespace, name: account },
        },
      },
      { kind: 'all', of: [seenByPerson('kubectl auth can-i answers yes'), outlives(evidence)] },
    ),
  ];
}

function tokenSteps(evidence: Evidence): readonly Step[] {
  const { pod } = evidence;
  return [
    step(
      'see-service-account',
      'See what the service account says of its token',
      '`automountServiceAccountToken: false` on the account or on the pod leaves the pod without one; the pod decides over the account.',
      kubectl(evidence, 'get', 'serviceaccount', pod.serviceAccountName || 'default', '-o', 'yaml'),
    ),
    {
      id: 'mount-token',
      operation: { kind: 'decide' },
      title: 'Mount the token where the program speaks to the API',
      text: 'Set `automountServiceAccountToken: true` in the pod template; where the program needs no API, switch that part of it off instead.',
      done: outlives(evidence),
    },
  ];
}

function otherSteps(evidence: Evidence, isCloud: boolean): readonly Step[] {
  const account = evidence.pod.serviceAccountName || 'default';
  return [
    isCloud
      ? step(
          'see-identity',
          'See which identity it runs as',
          'The annotations of the service account name the role of the provider that it takes.',
          kubectl(evidence, 'get', 'serviceaccount', account, '-o', 'yaml'),
        )
      : step(
          'list-permissions',
          'List what its service account may do',
          'Compare it with the roles that its installation asks for.',
          kubectl(
            evidence,
            'auth',
            'can-i',
            '--list',
            `--as=system:serviceaccount:${evidence.pod.namespace}:${account}`,
          ),
        ),
    {
      id: 'bind-roles',
      operation: { kind: 'decide' },
      title: isCloud ? 'Grant the action to that identity' : 'Bind the roles that it needs',
      text: isCloud
        ? 'In the policy of the provider, for the resource that is named; where the identity is not the one you expect, correct the annotation or the trust between account and role.'
        : 'Install the roles of the same version as the program: a raised image often needs rules that the old role lacks.',
      done: outlives(evidence),
    },
  ];
}

/** The fact of the account, and whether the pod turned its token off. */
function accountFact({ pod }: Evidence): Fact {
  return pod.automountToken === false
    ? fieldFact('spec.automountServiceAccountToken', 'false', 'The pod mounts no token')
    : fieldFact('spec.serviceAccountName', pod.serviceAccountName || 'default', 'The account that it runs as');
}

/**
 * The service account lacks a permission, or the pod has no token at all.
 *
 * Certain where the API server's sentence names the account of this very pod and is what the program ends with, or where a
 * token is asked for that the pod spec turns off. A refused password is `bad-credentials`; "Permission denied" of a file is
 * `volume-permission`; a pod that may not be created is `unschedulable`.
 */
export const rbacDenied = defineRule({
  id: 'rbac-denied',
  cause: 'rbac-denied',
  title: 'Service account lacks a permission or token',
  docs: 'https://kubernetes.io/docs/reference/access-authn-authz/rbac/',
  doc: {
    describe: '`Error` with exit 1, seconds or minutes after each start; a controller may first wait for its caches.',
    logs: '`is forbidden: User "system:serviceaccount:…" cannot list resource`, `serviceaccount/token: no such file or directory`.',
    steps: [
      'Ask `kubectl auth can-i` with the account, verb and resource of the message.',
      'Add the rule to the role, or bind the account to it.',
      'Without a token: look at `automountServiceAccountToken`.',
    ],
    prevention:
      'Ship role and image of one version together, and run `kubectl auth can-i` for every rule in the installation test.',
  },
  needs: ['log'],
  specificity: 3,
  supersedes: ['app-exception'],
  detect: (evidence) => {
    const match = matchLog(evidence, SIGNATURES);
    if (!match || evidence.lastTermination?.reason === 'OOMKilled') return null;
    const { pod } = evidence;
    const denial = denialOf(match);
    const isOwn =
      denial !== null && denial.namespace === pod.namespace && denial.account === (pod.serviceAccountName || 'default');
    const loose = logConfidence(evidence, match);
    const code = evidence.lastTermination?.exitCode ?? 0;
    const isLast = match.position === 0 && code !== 0 && loose === 'likely' && !findProbeKill(evidence);
    const isTokenOff = match.meaning === 'token' && pod.automountToken === false;
    let confidence: Confidence = loose;
    if (isLast && (isOwn || isTokenOff)) confidence = 'certain';
    else if (match.meaning === 'cloud' && match.position > 3) confidence = 'possible';
    const path = / cannot (\w{1,20}) path \\?"([^"\\]{1,120})/.exec(match.text);
    const action = denial
      ? `${denial.verb} ${denial.resource}`
      : path
        ? `${path[1]} path ${path[2]}`
        : match.meaning === 'denied'
          ? ''
          : (match.groups.find((one) => one !== '') ?? '');
    const isAnonymous = /system:anonymous/.test(match.text);
    const scope = denial ? (denial.where === '' ? ' in the cluster' : ` in namespace ${denial.where}`) : '';
    const who = denial && denial.account !== '' ? `service account ${denial.account}` : 'its account';
    const [what, reason] =
      match.meaning === 'token'
        ? ['no service account token is mounted', 'no service account token is mounted, and it needs one']
        : isAnonymous
          ? [
              'comes to the API server without a token',
              'it comes to the API server without a token, as system:anonymous',
            ]
          : action === ''
            ? ['lacks a permission that it needs', `${who} lacks a permission that it needs`]
            : [`may not ${shorten(action, 50)}`, `${who} may not ${shorten(action, 80)}${scope}`];
    const exit = exitFact(evidence);
    return {
      confidence,
      what,
      sentence: headline(evidence, confidence, reason),
      facts: [
        logFact(match.log, match.no, match.meaning === 'denied' ? 'What the API server answers' : 'What it is told'),
        accountFact(evidence),
        ...(exit ? [exit] : []),
      ],
      steps:
        match.meaning === 'token' || isAnonymous
          ? tokenSteps(evidence)
          : denial && denial.account !== ''
            ? grantSteps(evidence, denial)
            : otherSteps(evidence, match.meaning === 'cloud'),
    };
  },
});
