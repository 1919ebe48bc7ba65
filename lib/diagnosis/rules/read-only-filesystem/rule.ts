import {
  containerPatch,
  describeNodeStep,
  editWorkload,
  outlives,
  rollbackStep,
  specPatch,
  step,
} from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { exitFact, fieldFact, logFact, specFact, specPath } from '@/lib/diagnosis/facts';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { matchLog, type Signature } from '@/lib/diagnosis/match-log';
import { defineRule } from '@/lib/diagnosis/rule';
import type { DoneCondition } from '@/lib/diagnosis/steps/condition';
import { deniedPath } from '@/lib/diagnosis/texts/denied';
import { type CoveringMount, mountInWords, mountOf } from '@/lib/diagnosis/texts/mounts';
import type { Confidence, Fact, Step } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';

/** `kernel`: the word for EROFS; `temporary`: no place for temporary files; `symptom`: what has other causes too. */
type Meaning = 'kernel' | 'temporary' | 'symptom';

/** What entrypoints of images say in passing, and go on. */
const PASSING = /can not modify \S{1,200} \(read-only file system\?\)|skipping|ignor(?:ed|ing)/i;

const SIGNATURES: readonly Signature<Meaning>[] = [
  {
    pattern:
      /[Rr]ead-only file ?system|\bEROFS\b|\berofs\b|\[Errno 30\]|failed \(30:|[Ee]rrcode: 30|OS errno 30|Os \{ code: 30\b|ReadOnlyFile[Ss]ystem(?:Exception)?|file ?system is (?:mounted )?read-?only|mounted read-only/,
    meaning: 'kernel',
    except: PASSING,
  },
  {
    pattern:
      /No usable temporary directory found in|[Uu]nable to create temp(?:orary)? ?(?:[Dd]ir(?:ectory)?|file)|(?:[Cc]ould not|[Cc]annot|[Ff]ailed to) create (?:a )?temp(?:orary)? ?(?:dir(?:ectory)?|file)|java\.io\.tmpdir is set to/,
    meaning: 'temporary',
    except: PASSING,
  },
  {
    pattern:
      /attempt to write a readonly database|Failed to create CoreCLR, HRESULT: 0x8\w{7}|[Cc]ould not create (?:unix )?(?:socket|pid|lock) (?:lock )?file|[Ff]ailed to create (?:the )?(?:pid|lock|socket) ?file|[Cc]an't create\/write to file|[Ff]ailed to create diagnostic(?:s)? (?:IPC|server|port)/,
    meaning: 'symptom',
    except: PASSING,
  },
];

/** Volumes that the kubelet mounts read-only whatever the mount says. */
const ALWAYS_READ_ONLY = new Set(['configMap', 'secret', 'projected', 'downwardAPI', 'image']);
const KERNEL_FILES = /^\/(?:proc|sys)\//;

/** Why the place cannot be written, as far as the spec tells. */
type Reason =
  | { readonly kind: 'root' }
  | { readonly kind: 'mount'; readonly covering: CoveringMount }
  | { readonly kind: 'volume'; readonly covering: CoveringMount }
  | { readonly kind: 'kernel-files' }
  | { readonly kind: 'unknown' };

function reasonOf(evidence: Evidence, path: string): Reason {
  if (KERNEL_FILES.test(path)) return { kind: 'kernel-files' };
  const covering = path.startsWith('/') ? mountOf(evidence, path) : null;
  if (covering) {
    const isReadOnly = covering.mount.readOnly || ALWAYS_READ_ONLY.has(covering.volume?.kind ?? '');
    return { kind: isReadOnly ? 'mount' : 'volume', covering };
  }
  if (evidence.container.security.readOnlyRootFilesystem === true) return { kind: 'root' };
  const readOnly = path === '' ? evidence.container.mounts.filter((one) => one.readOnly) : [];
  const [only] = readOnly;
  if (only && readOnly.length === 1) {
    const volume = evidence.pod.volumes.find((one) => one.name === only.volume) ?? null;
    return { kind: 'mount', covering: { mount: only, volume, object: null } };
  }
  return { kind: 'unknown' };
}

function because(reason: Reason): string {
  switch (reason.kind) {
    case 'root':
      return 'readOnlyRootFilesystem is set and no writable volume is mounted there';
    case 'mount':
      return reason.covering.mount.readOnly
        ? `the ${mountInWords(reason.covering)} is mounted read-only`
        : `the ${mountInWords(reason.covering)} is always read-only`;
    case 'volume':
      return `the ${mountInWords(reason.covering)} has become read-only, as after an error of the disk`;
    case 'kernel-files':
      return 'kernel settings are read-only in a container that is not privileged';
    default:
      return 'the filesystem below it is read-only';
  }
}

function facts(evidence: Evidence, reason: Reason): Fact[] {
  if (reason.kind === 'root') {
    const mounts = evidence.container.mounts.filter((one) => !one.readOnly).map((one) => one.path);
    return [
      specFact(evidence, 'securityContext.readOnlyRootFilesystem', 'true', 'The root filesystem is read-only'),
      specFact(evidence, 'volumeMounts', mounts.join(', ') || '(none)', 'Where it may have a writable volume'),
    ];
  }
  if (reason.kind !== 'mount' && reason.kind !== 'volume') return [];
  const { mount, volume } = reason.covering;
  return [
    fieldFact(
      specPath(evidence.container, `volumeMounts[${mount.path}]`),
      `${volume?.kind ?? 'volume'} ${volume?.ref || mount.volume}${mount.readOnly ? ', readOnly: true' : ''}`,
      'The mount that the path lies on',
    ),
  ];
}

/** A name for the new volume, from its place: `/var/cache/nginx` gives `var-cache-nginx`. */
function volumeName(folder: string): string {
  const name = folder.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return (
    name
      .replace(/^-+|-+$/g, '')
      .slice(0, 50)
      .replace(/-+$/, '') || 'scratch'
  );
}

function steps(evidence: Evidence, path: string, reason: Reason): readonly Step[] {
  const done: DoneCondition = outlives(evidence);
  const edit = editWorkload(evidence);
  const rollback = rollbackStep(evidence, 'The revision before could write there.');
  const { container } = evidence;
  if (reason.kind === 'root') {
    const folder = path.startsWith('/') ? path.slice(0, path.lastIndexOf('/')) || path : '/tmp';
    const name = volumeName(folder);
    const list = container.type === 'app' ? 'containers' : 'initContainers';
    return [
      specPatch(
        evidence,
        {
          volumes: [{ name, emptyDir: {} }],
          [list]: [{ name: container.name, volumeMounts: [{ name, mountPath: folder }] }],
        },
        {
          id: 'mount-empty-volume',
          title: `Mount an empty volume at ${folder}`,
          text: `It stays writable while the rest stays read-only. It hides what the image has in ${folder}; where that is needed, point the setting of the program at another directory.`,
          done,
        },
      ),
      containerPatch(
        evidence,
        { securityContext: { readOnlyRootFilesystem: false } },
        {
          id: 'allow-root-writes',
          title: 'Or let it write to its root filesystem',
          text: 'To find all places that it writes to. What it writes there is gone with the container.',
          done,
        },
      ),
      ...rollback,
    ];
  }
  if (reason.kind === 'mount') {
    return [
      step(
        'make-mount-writable',
        reason.covering.mount.readOnly ? 'Mount it writable' : 'Let it write elsewhere',
        reason.covering.mount.readOnly
          ? 'Opens the workload: take readOnly away from the mount and from its volume, or point the program elsewhere.'
          : 'ConfigMaps, Secrets and projected volumes cannot be written. Opens the workload: copy the files to an emptyDir in an init container, and mount that.',
        edit,
        done,
      ),
      ...rollback,
    ];
  }
  if (reason.kind === 'kernel-files') {
    return [
      step(
        'set-kernel-setting',
        'Set the kernel setting from outside',
        'Opens the workload: list it under securityContext.sysctls of the pod where it belongs to the pod, set it on the node otherwise, or make the container privileged where that is meant.',
        edit,
        done,
      ),
      ...rollback,
    ];
  }
  return [
    ...describeNodeStep(evidence, {
      id: 'look-at-node',
      title: 'Look at the node',
      text: 'A disk with errors is remounted read-only by the kernel; the conditions and the kernel log of the node tell it.',
    }),
    {
      id: 'repair-filesystem',
      operation: { kind: 'decide' },
      title: 'Repair the filesystem or move to another node',
      text: 'Delete the pod, so that the volume is detached, checked and mounted anew; drain the node where its own disk is at fault.',
      done,
    },
    ...rollback,
  ];
}

/**
 * The program writes where the filesystem is read-only: the root filesystem by `readOnlyRootFilesystem`, or a volume.
 *
 * `EROFS` has one meaning, and the spec says which: certain where it makes the path read-only. Where it does not, the kernel
 * remounted a faulty disk. A refusal by rights (`Permission denied`) belongs to `volume-permission`.
 */
export const readOnlyFilesystem = defineRule({
  id: 'read-only-filesystem',
  cause: 'read-only-filesystem',
  title: 'Writes to a read-only filesystem',
  docs: 'https://kubernetes.io/docs/tasks/configure-pod-container/security-context/',
  doc: {
    describe:
      '`Error` with exit 1 seconds after each start; `readOnlyRootFilesystem: true` or a mount with `readOnly: true`.',
    logs: '`Read-only file system`, `EROFS`, `[Errno 30]`, with the path; or no temporary directory can be made.',
    steps: [
      'See which path it writes to, and what is mounted there.',
      'Mount an `emptyDir` at that path: `/tmp`, a cache, a directory for pid files.',
      'ConfigMaps and Secrets are always read-only: copy them to a volume that is not.',
    ],
    prevention: 'Run the image once in CI with `--read-only` and list the directories that need a volume.',
  },
  needs: ['log'],
  specificity: 3,
  supersedes: ['app-exception'],
  detect: (evidence) => {
    const match = matchLog(evidence, SIGNATURES);
    // The kernel's own settings are no file system that a volume would help.
    if (!match || /\bsysctl\b|\/proc\/sys\//.test(match.text)) return null;
    const at = match.text.search(/[Rr]ead-?only|EROFS|erofs|Errno 30|\(30:/);
    const path =
      deniedPath(evidence, match.text, at < 0 ? match.text.length : at) ||
      deniedPath(evidence, match.statement.message, match.statement.message.length);
    const reason = reasonOf(evidence, path);
    const isSymptom = match.meaning === 'symptom';
    if (match.meaning !== 'kernel' && reason.kind !== 'root' && reason.kind !== 'mount') return null;
    const likely = logConfidence(evidence, match);
    const isProven =
      likely === 'likely' &&
      match.position === 0 &&
      !isSymptom &&
      path !== '' &&
      ['root', 'mount'].includes(reason.kind);
    const confidence: Confidence = isProven ? 'certain' : likely;
    const shown = path || 'a file';
    const exit = exitFact(evidence);
    return {
      confidence,
      what: `${shorten(shown, 40)} is on a read-only filesystem`,
      sentence: headline(evidence, confidence, `it writes to ${shorten(shown, 100)} and ${because(reason)}`),
      facts: [
        logFact(match.log, match.no, 'What it cannot write'),
        ...facts(evidence, reason),
        ...(exit ? [exit] : []),
      ],
      steps: steps(evidence, path, reason),
    };
  },
});
