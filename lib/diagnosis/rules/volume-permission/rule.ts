import { kubectl, outlives, rollbackStep, specPatch, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { exitFact, fieldFact, logFact, specFact, specPath } from '@/lib/diagnosis/facts';
import { rankStatements } from '@/lib/diagnosis/log/decisive-line';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { type LogMatch, matchLog, type Signature } from '@/lib/diagnosis/match-log';
import { defineRule } from '@/lib/diagnosis/rule';
import { deniedPath, grants, OWNERSHIP, runsAsRoot } from '@/lib/diagnosis/texts/denied';
import { type CoveringMount, mountInWords, mountOf } from '@/lib/diagnosis/texts/mounts';
import type { Confidence, Fact, Step } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';

/**
 * How strong a text is: `kernel`, its own word; `owner`, about taking over a file; `stated`, a program that checked owner or mode
 * itself; `program`, one that cannot write; `hint`, one that could not make a directory and does not say why.
 */
type Meaning = 'kernel' | 'owner' | 'stated' | 'program' | 'hint';

/** Refusals that have nothing to do with files: ports, sockets, executables, databases, keys, APIs. */
const ELSEWHERE =
  /^\s{0,4}\* permission denied|publickey|keyboard-interactive|permission denied (?:for|to) (?:table|relation|schema|database|sequence|function|language|view|create|set|execute)|(?:command|CREATE|SELECT|INSERT|user|role) .{0,40}permission denied|on resource|code = PermissionDenied|PERMISSION_DENIED|\bbind(?:ing)?\b|\blisten(?:ing|er)?\b(?! on unix)|\d:\d{2,5}\b.{0,20}[Pp]ermission denied|make_sock|SocketException|BindException|could not bind|cannot bind|\bexec(?:ve|ute|uting)?\b|\b(?:raw|packet|icmp) socket|\bsocket: |iptables|ip6tables|nftables|netlink|RTNETLINK|are you root|must be root|\bmount(?:ing)?:|unshare|clone\(|setuid|setgid|setgroups|initgroups|niceness|renice|rlimit|ptrace|perf_event|bpf|\/dev\/(?!shm|stdout|stderr|termination)|\/proc\/|\/sys\/|is forbidden|HTTP\/|status(?: code)? ?40[13]|Access ?Key|s3:\/\/|gs:\/\//;

const SIGNATURES: readonly Signature<Meaning>[] = [
  {
    pattern:
      /[Pp]ermission denied|\bEACCES\b|\beacces\b|\[Errno 13\]|[Ee]rrno[ :=]{1,3}13\b|OS errno 13|[Ee]rrcode: 13|failed \(13:|Os \{ code: 13, kind: PermissionDenied|error number 13 in a file operation/,
    meaning: 'kernel',
    except: ELSEWHERE,
  },
  { pattern: /AccessDeniedException(?:\[|: )\s{0,2}"?\.{0,2}\//, meaning: 'kernel' },
  { pattern: /UnauthorizedAccessException|Access to the path '[^']{1,300}' is denied/, meaning: 'kernel' },
  {
    pattern:
      /(?:chown|chgrp|chmod|[Cc]hang(?:e|ing) (?:the )?(?:ownership|owner|permissions|group|mode)|set permissions)[^\n]{0,260}?(?:[Oo]peration not permitted|EPERM|eperm|not owner)/,
    meaning: 'owner',
  },
  {
    pattern:
      /\[Errno 1\] Operation not permitted: '\/|EPERM: operation not permitted, (?:chown|chmod|utime|copyfile|mkdir|open) /,
    meaning: 'owner',
  },
  {
    pattern:
      /(?:data )?directory "[^"]{1,300}" has (?:wrong ownership|invalid permissions)|The server must be started by the user that owns the data directory|[Cc]ookie file \S{1,300} must be accessible by owner only|private key file "[^"]{1,300}" (?:must be owned|has group or world access)|exist without desired file permission|(?:Bad|bad|insecure|too open) (?:owner|ownership) or (?:permissions|modes) on|(?:are too open|has group or world access|UNPROTECTED PRIVATE KEY FILE)/,
    meaning: 'stated',
  },
  { pattern: /Attempted to create a lock file on a read-only directory/, meaning: 'program' },
  {
    pattern:
      /(?:director(?:y|ies)|folder|path|file|volume|datadir|storage|location|(?:^|[\s'"])\/[\w./-]{1,200}['"]?,?)[^\n]{0,80}? (?:is|are|must be|should be|isn't|not) (?:not )?(?:writ(?:e)?able|writable|accessible for writing)/i,
    meaning: 'program',
    except: /read-only file system|is writable(?! by)|are writable/i,
  },
  {
    pattern:
      /(?:(?:cannot|can't|can not|could not|couldn't|unable to|failed to|not allowed to|trying to) write (?:to )?(?:the )?(?:\w{1,20} ){0,2}(?:director|folder|path|['"`]?\/)|no (?:write|read\/write|sufficient) (?:permissions?|access) (?:for|to|on|in)|(?:does not|doesn't|don't) have (?:the )?(?:write|required|sufficient|proper|correct|necessary|read\/write)?\s?(?:permissions?|access(?: rights)?) (?:for|to|on|in) (?:the )?(?:\w{1,20} ){0,3}(?:director|folder|path|file|['"`]?\/)|insufficient (?:file |directory )?permissions? (?:for|to|on) (?:the )?(?:\w{1,20} ){0,3}(?:director|folder|path|file|['"`]?\/)|does not have the access rights to the directory)/i,
    meaning: 'program',
    except: /read-only file system|table|bucket|database/i,
  },
  {
    pattern:
      /(?:[Uu]nable|[Ff]ailed|[Cc]ould not|[Cc]annot|[Cc]an't)(?: to)? (?:create|access|open|write|make)(?: or validate)? (?:the )?(?:\w{1,20} ){0,2}(?:directory|datadir|dir|folder)\b[^\n]{0,20}?\/|[Ff]ailed to create or validate data directory|Unable to access datadir/,
    meaning: 'hint',
    except: /no such file|not found|exist|read-only|no space|timed? ?out/i,
  },
];

/** Kinds of volumes that come empty or with an owner of their own, so that user and group decide. */
const OWNED = new Set(['persistentVolumeClaim', 'ephemeral', 'emptyDir', 'hostPath', 'nfs', 'csi', 'local']);

/** A refusal of the kernel about a file is about rights, unless the exit says that it was about running it. */
function isAboutRunning(evidence: Evidence, match: LogMatch<Meaning>): boolean {
  return evidence.lastTermination?.exitCode === 126 && match.meaning === 'kernel';
}

/** What a program ends with when the file is not there that it was not allowed to make. */
const ABSENT = /[Nn]o such file|ENOENT|FileNotFound|NoSuchFile|does not exist|[Pp]ermission denied|EACCES/;

/**
 * Whether nothing else can be meant: the program's own check of owner or mode is what it ends with; the kernel refuses a user
 * who is not root a place on a volume; or what it ends with is about a place that the kernel refused before.
 */
function isDecided(
  evidence: Evidence,
  match: LogMatch<Meaning>,
  path: string,
  covering: CoveringMount | null,
): boolean {
  if (match.meaning === 'stated') return match.position === 0;
  if (match.meaning !== 'kernel') return false;
  if (match.position > 0) {
    const end = rankStatements(match.log)[0]?.statement;
    const folder = path.slice(0, path.lastIndexOf('/'));
    const place = folder.length > 8 ? folder : path;
    if (place.length < 6 || !end || end.no < match.no) return false;
    return end.texts.some(({ text }) => text.includes(place) && ABSENT.test(text));
  }
  const kind = covering?.volume?.kind ?? '';
  return runsAsRoot(evidence.container) === false && ['persistentVolumeClaim', 'ephemeral', 'emptyDir'].includes(kind);
}

/** The kernel refuses root a change of owner only when the capability is gone, or the server squashes root. */
function isCapability(evidence: Evidence, match: LogMatch<Meaning>): boolean {
  const isChange = OWNERSHIP.test(match.text) && /not permitted|EPERM|eperm/.test(match.text);
  return isChange && runsAsRoot(evidence.container) !== false && !grants(evidence.container, 'CHOWN');
}

function userInWords(evidence: Evidence): string {
  const { security } = evidence.container;
  if (security.runAsUser === 0) return 'root';
  if (security.runAsUser !== null) return `user ${security.runAsUser}`;
  return security.runAsNonRoot === true ? "the image's non-root user" : "the image's user";
}

function facts(evidence: Evidence, covering: CoveringMount | null): Fact[] {
  const { security } = evidence.container;
  return [
    ...(security.runAsUser === null
      ? []
      : [specFact(evidence, 'securityContext.runAsUser', String(security.runAsUser), 'The user that it runs as')]),
    ...(covering
      ? [
          fieldFact(
            specPath(evidence.container, `volumeMounts[${covering.mount.path}]`),
            mountInWords(covering),
            'The volume that the path lies on',
          ),
          fieldFact(
            'spec.securityContext.fsGroup',
            evidence.pod.fsGroup === null ? '(not set)' : String(evidence.pod.fsGroup),
            'The group that the kubelet gives to volumes',
          ),
        ]
      : []),
  ];
}

function steps(evidence: Evidence, path: string, covering: CoveringMount | null): readonly Step[] {
  const { security } = evidence.container;
  const folder = covering?.mount.path ?? (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) || '/' : '/');
  const look = step(
    'see-owner',
    'See whom it belongs to',
    'Compare owner, group and mode with the user that the process runs as; the copy of the pod prints them in place of its command.',
    kubectl(
      evidence,
      'debug',
      evidence.pod.name,
      '-it',
      `--copy-to=${evidence.pod.name.slice(0, 50)}-debug`,
      `--container=${evidence.container.name}`,
      '--',
      'sh',
      '-c',
      `id; ls -lan ${/^[\w./-]+$/.test(folder) ? folder : '/'}`,
    ),
  );
  const kind = covering?.volume?.kind ?? '';
  const group = security.runAsGroup !== null && security.runAsGroup > 0 ? security.runAsGroup : security.runAsUser;
  const isGroupFixable = covering !== null && !['hostPath', 'nfs'].includes(kind) && group !== null && group > 0;
  const fix: Step =
    isGroupFixable && evidence.pod.fsGroup !== group
      ? specPatch(
          evidence,
          { securityContext: { fsGroup: group } },
          {
            id: 'set-group',
            title: `Give the volume to group ${group}`,
            text: `With fsGroup the kubelet makes the volume writable for group ${group}, which ${userInWords(evidence)} then belongs to. Drivers such as NFS ignore it: change the owner on the server there.`,
            done: outlives(evidence),
          },
        )
      : {
          id: 'change-owner',
          operation: { kind: 'decide' },
          title: covering
            ? 'Let owner and user agree'
            : `Make ${shorten(path || 'the directory', 40)} writable for the user`,
          text: covering
            ? kind === 'hostPath'
              ? 'fsGroup does not reach host paths: change the owner on the node, or with an init container that runs as root.'
              : 'Set fsGroup to a group of the process, or change the owner once: on the storage server, or with an init container that runs as root.'
            : 'Change its owner in the image (COPY --chown, RUN chown), run as the user that the image was made for, or mount an emptyDir there.',
          done: outlives(evidence),
        };
  return [
    look,
    fix,
    ...rollbackStep(evidence, 'If user, group or volume changed with this revision, the one before could write.'),
  ];
}

/**
 * A file or directory is there, and the user of the process may not write, read or own it.
 *
 * The kernel's `EACCES` with a path, or a program that checks its directory first. Certain where the path lies on a claim or
 * an empty volume and the user is known not to be root. Not meant: ports and system calls (`denied-by-kernel`), `EROFS`
 * (`read-only-filesystem`), executables without their bit (`broken-entrypoint`), permissions inside a database.
 */
export const volumePermission = defineRule({
  id: 'volume-permission',
  cause: 'volume-permission',
  title: "Volume is there but not writable by the process's user",
  docs: 'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#set-the-security-context-for-a-pod',
  doc: {
    describe: '`Error` with exit 1 seconds after each start; `runAsUser` or a non-root image, and no `fsGroup`.',
    logs: '`Permission denied`, `EACCES`, `AccessDeniedException`, `is not writable`, `chown: Operation not permitted`, with a path.',
    steps: [
      'Compare owner and mode of the directory with the user that the process runs as.',
      'Set `fsGroup` to a group of the process, so that the kubelet hands the volume over.',
      'For NFS and host paths change the owner on the server or node: `fsGroup` does not reach them.',
    ],
    prevention: 'Set `runAsUser`, `runAsGroup` and `fsGroup` together, and test with a new, empty volume.',
  },
  needs: ['log'],
  specificity: 3,
  supersedes: ['app-exception'],
  detect: (evidence) => {
    const match = matchLog(evidence, SIGNATURES);
    if (!match || isAboutRunning(evidence, match) || isCapability(evidence, match)) return null;
    const at = match.text.search(/[Pp]ermission denied|EACCES|eacces|not permitted|writable|AccessDenied|denied/);
    const path =
      deniedPath(evidence, match.text, at < 0 ? match.text.length : at) ||
      deniedPath(evidence, match.statement.message, match.statement.message.length);
    const covering = path.startsWith('/') ? mountOf(evidence, path) : null;
    if (match.meaning === 'hint' && (covering === null || runsAsRoot(evidence.container) !== false)) return null;
    const likely = logConfidence(evidence, match);
    const isProven = likely === 'likely' && isDecided(evidence, match, path, covering);
    // Entrypoints complain that they may not change an owner and go on: then something later is the reason.
    const isRemark = match.meaning === 'hint' || (match.meaning === 'owner' && match.position > 0);
    const confidence: Confidence = isProven ? 'certain' : isRemark ? 'possible' : likely;
    const shown = path === '' ? 'a file or directory that it needs' : path;
    const verb = match.meaning === 'owner' || match.meaning === 'stated' ? 'may not own' : 'may not use';
    const where = covering && OWNED.has(covering.volume?.kind ?? '') ? `, on the ${mountInWords(covering)}` : '';
    const exit = exitFact(evidence);
    return {
      confidence,
      what: `no permission on ${shorten(shown, 42)}`,
      sentence: headline(evidence, confidence, `${userInWords(evidence)} ${verb} ${shorten(shown, 120)}${where}`),
      facts: [
        logFact(match.log, match.no, 'What it may not do'),
        ...facts(evidence, covering),
        ...(exit ? [exit] : []),
      ],
      steps: steps(evidence, path, covering),
    };
  },
});
