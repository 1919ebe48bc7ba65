import {
  cordonNode,
  describeNodeStep,
  kubectl,
  outlives,
  patch,
  seenByPerson,
  specPatch,
  step,
} from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { eventFact, exitFact, fieldFact, logFact, podFact } from '@/lib/diagnosis/facts';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { findLine, type LogMatch, matchLog, type Signature } from '@/lib/diagnosis/match-log';
import { podEvents } from '@/lib/diagnosis/probe-kill';
import { defineRule } from '@/lib/diagnosis/rule';
import type { DoneCondition } from '@/lib/diagnosis/steps/condition';
import { type CoveringMount, mountInWords, mountOf } from '@/lib/diagnosis/texts/mounts';
import { matchStartError } from '@/lib/diagnosis/texts/start-error';
import type { Confidence, Fact, Finding, Step } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';
import { parseQuantity } from '@/lib/domain/quantity';
import { formatBytes } from '@/lib/format/bytes';

/** What is full: a filesystem of the container, the store behind another service, or only most likely a filesystem. */
type Meaning = 'filesystem' | 'quota' | 'shared-memory' | 'server' | 'hint';

/** The kernel gives the same error number for full inotify and cgroup tables, semaphores, keys and huge pages. */
const NOT_DISK =
  /inotify|file watchers|, watch '|cgroup|semaphore|semget|keyring|session key|hugetlb|errno ?= ?12|commit_memory|sched_|bpf|max_user/i;

const SIGNATURES: readonly Signature<Meaning>[] = [
  {
    pattern:
      /could not resize shared memory segment|\/dev\/shm\S{0,200}.{0,80}No space left|posix_fallocate .{0,40}No space left|shared memory.{0,80}No space left on device/i,
    meaning: 'shared-memory',
    except: NOT_DISK,
  },
  {
    pattern:
      /no space left on (?:the )?(?:device|disk|drive)|\bENOSPC\b|StorageFull|os error 28\b|\[Errno 28\]|[Ee]rr(?:no|code)?:? ?28\b|OS errno 28|Error number 28|error: 28\b|Not enough (?:disk )?space(?: on (?:the )?(?:disk|device))?|There is not enough space on the disk/i,
    meaning: 'filesystem',
    except: NOT_DISK,
  },
  { pattern: /disk quota exceeded|\bEDQUOT\b/i, meaning: 'quota', except: NOT_DISK },
  {
    pattern:
      /could not extend file "|database or disk is full|SQLITE_FULL|The table '[^']{1,120}' is full|Disk is full writing|\b(?:disk|file ?system|volume|device|partition|storage|drive) (?:\S{1,120} )?(?:is|are|was|appears? to be) (?:\w{1,12} )?full\b|(?:is )?out of disk space|insufficient (?:free )?(?:disk|storage|free) ?space|[Ii]nsufficient space|(?:not enough|too little|low|no) (?:free |available )?disk space|disk space .{0,60}(?:is less than|below|too low|insufficient)|(?:free|available) (?:disk )?space .{0,60}(?:is less than|is below|insufficient|too low)|All ledger directories are non writable|NoWritableLedgerDir|OLowDiskSpaceException|\bdisk full\b|MDB_MAP_FULL/i,
    meaning: 'filesystem',
    except: /\bcheck(?:ing|ed)? |alert rule|0 insufficient/i,
  },
  {
    pattern:
      /disk usage exceeded flood-stage watermark|index has read-only-allow-delete block|FORBIDDEN\/12\/index read-only|mvcc: database space exceeded|alarm:NOSPACE|MISCONF .{0,80}(?:persist on disk|save RDB)|XMinioStorageFull|XL? ?StorageFull|Storage backend has reached its minimum free/i,
    meaning: 'server',
  },
  { pattern: /\bshort write\b|failed to write: expected to write|write error: .{0,40}space/i, meaning: 'hint' },
];

const PATH = /(?:"|'|`|\s|=|\(|:)(\/[\w.@+-]{1,80}(?:\/[\w.@+-]{1,120}){0,12})(?=["'`\s:,)\];]|$)/g;

/** The path in the line that lies on a mount, else the first absolute path of it; what a mount holds counts most. */
function findPath(evidence: Evidence, text: string): { path: string; mount: CoveringMount | null } | null {
  const paths = [...text.slice(0, 2048).matchAll(PATH)].map((found) => found[1] ?? '').slice(0, 12);
  for (const path of paths) {
    const mount = mountOf(evidence, path);
    if (mount && isWritable(mount)) return { path, mount };
  }
  return paths[0] ? { path: paths[0], mount: null } : null;
}

function isWritable({ volume }: CoveringMount): boolean {
  return !['configMap', 'secret', 'projected', 'downwardAPI'].includes(volume?.kind ?? '');
}

/** The only mount that can fill up, where the line names no path. */
function onlyMount(evidence: Evidence): CoveringMount | null {
  const mounts = evidence.container.mounts.map((mount) => mountOf(evidence, mount.path)).filter((one) => one !== null);
  const [first, ...rest] = mounts.filter((one) => isWritable(one) && !one.mount.readOnly);
  return first && rest.length === 0 ? first : null;
}

function mountFact({ mount, volume }: CoveringMount): Fact {
  const limit = volume?.sizeLimit ? `, limit ${volume.sizeLimit}` : '';
  const medium = volume?.medium === 'Memory' ? ' in memory' : '';
  const value = `${volume?.kind ?? 'volume'}${medium}${volume?.ref ? ` ${volume.ref}` : ''}${limit} at ${mount.path}`;
  return fieldFact(`spec.volumes[${mount.volume}]`, value, 'The volume on which it writes');
}

function lookStep(evidence: Evidence, path: string): Step {
  return step(
    'see-use',
    'See what fills it',
    'Works while the container runs; while it waits, mount the same volume in a pod for debugging.',
    kubectl(evidence, 'exec', evidence.pod.name, '-c', evidence.container.name, '--', 'df', '-h', path),
  );
}

const SHM_PATCH_TEXT =
  'The runtime gives every container 64 MiB of /dev/shm. A volume in memory there counts to the memory limit.';

function sharedMemorySteps(evidence: Evidence): readonly Step[] {
  const list = evidence.container.type === 'app' ? 'containers' : 'initContainers';
  return [
    specPatch(
      evidence,
      {
        volumes: [{ name: 'shared-memory', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } }],
        [list]: [{ name: evidence.container.name, volumeMounts: [{ name: 'shared-memory', mountPath: '/dev/shm' }] }],
      },
      {
        id: 'mount-shared-memory',
        title: 'Mount 1Gi of memory at /dev/shm',
        text: SHM_PATCH_TEXT,
        done: outlives(evidence),
      },
    ),
    lookStep(evidence, '/dev/shm'),
  ];
}

function steps(evidence: Evidence, covering: CoveringMount | null, path: string): readonly Step[] {
  const volume = covering?.volume ?? null;
  const look = lookStep(evidence, covering?.mount.path ?? (path || '/'));
  if (volume?.kind === 'persistentVolumeClaim' && volume.ref) {
    return [
      step(
        'enlarge-claim',
        `Enlarge claim ${volume.ref}`,
        'Its storage class must allow expansion. Put a size above the present one in place of NEW_SIZE.',
        patch(
          { kind: 'PersistentVolumeClaim', namespace: evidence.pod.namespace, name: volume.ref },
          { spec: { resources: { requests: { storage: 'NEW_SIZE' } } } },
          'strategic',
          ['NEW_SIZE'],
        ),
        { kind: 'all', of: [seenByPerson('the claim shows the new capacity'), outlives(evidence)] },
      ),
      step(
        'see-claim',
        'See its size and its class',
        'ALLOWVOLUMEEXPANSION stands on the class.',
        kubectl(evidence, 'get', 'pvc', volume.ref, '-o', 'wide'),
      ),
      look,
    ];
  }
  if (volume?.kind === 'emptyDir') {
    const bytes = parseQuantity(volume.sizeLimit);
    const size = bytes === null ? '2Gi' : formatBytes(bytes * 4);
    const emptyDir = { ...(volume.medium && { medium: volume.medium }), sizeLimit: size };
    return [
      specPatch(
        evidence,
        { volumes: [{ name: volume.name, emptyDir }] },
        {
          id: 'raise-volume-size',
          title: `Raise the size of volume ${volume.name} to ${size}`,
          text: `${volume.sizeLimit ? `It may hold ${volume.sizeLimit} now` : 'It has no limit of its own, so the disk of the node is full'}${volume.medium === 'Memory' ? '; it lies in memory and counts to the memory limit' : ''}. Data that must outlive the pod belongs on a claim.`,
          done: outlives(evidence),
        },
      ),
      look,
    ];
  }
  return [
    look,
    ...describeNodeStep(evidence, {
      id: 'look-at-node',
      title: 'Look at the disk of the node',
      text: 'What no volume holds lies on the disk of the node, with images and logs of every pod. DiskPressure says that it is full.',
    }),
    {
      id: 'move-data',
      operation: { kind: 'decide' },
      title: 'Give the data a place of its own',
      text: 'Delete what is not needed, write less, or mount a claim where it writes.',
      done: outlives(evidence),
    },
  ];
}

function pressureFact(evidence: Evidence): Fact | null {
  const pressed = evidence.node?.conditions.find((one) => one.type === 'DiskPressure' && one.status === 'True');
  return pressed
    ? podFact('node.status.conditions[DiskPressure]', 'True', 'The kubelet says that the disk is full')
    : null;
}

function judgeLog(evidence: Evidence, match: LogMatch<Meaning>): Finding {
  const { meaning } = match;
  const named = findPath(evidence, match.text);
  const covering = meaning === 'shared-memory' || meaning === 'server' ? null : (named?.mount ?? onlyMount(evidence));
  const pressure = pressureFact(evidence);
  const exit = exitFact(evidence);
  const confidence: Confidence = meaning === 'hint' && !pressure ? 'possible' : logConfidence(evidence, match);
  const place =
    meaning === 'shared-memory'
      ? '/dev/shm'
      : meaning === 'server'
        ? 'the disk of the store behind it'
        : covering
          ? mountInWords(covering)
          : named
            ? `the filesystem of ${shorten(named.path, 60)}`
            : 'the filesystem it writes to';
  const short =
    meaning === 'server'
      ? 'disk of its store'
      : covering
        ? `volume ${covering.mount.volume}`
        : shorten(named?.path ?? 'its filesystem', 40);
  const reason = meaning === 'quota' ? `the quota of ${place} is used up` : `${place} is full`;
  return {
    confidence,
    what: `${meaning === 'shared-memory' ? '/dev/shm' : short} is full`,
    sentence: headline(evidence, confidence, reason),
    facts: [
      logFact(match.log, match.no, 'What the write was answered'),
      ...(covering ? [mountFact(covering)] : []),
      ...(pressure ? [pressure] : []),
      ...(exit ? [exit] : []),
    ],
    steps:
      meaning === 'shared-memory'
        ? sharedMemorySteps(evidence)
        : meaning === 'server'
          ? [
              {
                id: 'make-room-in-store',
                operation: { kind: 'decide' },
                title: 'Make room in the store that refuses',
                text: 'Delete what is not needed there or enlarge its volume; then lift the block it has put on itself.',
                done: outlives(evidence),
              },
              step(
                'list-claims',
                'See the claims and their sizes',
                'The store may run in the same namespace.',
                kubectl(evidence, 'get', 'pvc'),
              ),
            ]
          : steps(evidence, covering, named?.path ?? ''),
  };
}

const NODE_FULL = /no space left on device|disk quota exceeded/i;

/** The runtime itself meets the full disk: while it pulls, unpacks or starts. */
function judgeNode(evidence: Evidence): Finding | null {
  const start = matchStartError(evidence, NODE_FULL);
  const { state } = evidence.status;
  const waiting = state.kind === 'waiting' && NODE_FULL.test(state.message.slice(0, 4096)) ? state : null;
  const event =
    state.kind === 'waiting'
      ? podEvents(evidence, 'Failed', 'FailedCreatePodSandBox', 'FailedMount').findLast((one) =>
          NODE_FULL.test(one.message.slice(0, 4096)),
        )
      : undefined;
  const text = start?.error.text ?? waiting?.message ?? event?.message ?? '';
  if (text === '' || NOT_DISK.test(text.slice(0, 4096))) return null;
  const fact = start
    ? start.error.fact
    : event
      ? eventFact(event, 'What the runtime reports')
      : podFact('status.containerStatuses[].state.waiting.message', text, 'What it waits on');
  const pressure = pressureFact(evidence);
  return {
    confidence: 'certain',
    what: `disk of node ${shorten(evidence.pod.nodeName || 'it runs on', 40)} is full`,
    sentence: headline(evidence, 'certain', `the disk of its node ${evidence.pod.nodeName} is full`, 'does not start'),
    facts: [fact, ...(pressure ? [pressure] : [])],
    steps: nodeFullSteps(evidence),
  };
}

function nodeFullSteps(evidence: Evidence): readonly Step[] {
  const node = evidence.pod.nodeName;
  const done: DoneCondition = { kind: 'node-condition', node, condition: 'DiskPressure', status: 'False' };
  if (node === '') return [];
  return [
    ...describeNodeStep(evidence, {
      id: 'look-at-node',
      title: 'Look at the disk of the node',
      text: 'Images, logs and empty volumes of all pods share it. The kubelet removes unused images at 85 %.',
      done,
    }),
    step(
      'cordon-node',
      'Keep new pods away from it meanwhile',
      'Until there is room again, another node can take the pod.',
      cordonNode(node),
      seenByPerson(`kubectl get nodes shows SchedulingDisabled for ${node}`),
    ),
  ];
}

/** A database that waits for room, and is killed by its probe while it does. */
const WAITS = /Disk is full writing|Waiting for someone to free space|disk_free_limit|free disk space is insufficient/i;

/**
 * A volume, `/dev/shm` or the disk of the node is full.
 *
 * The kernel's "No space left on device" with a path says which one. The same error number comes from full tables of the
 * kernel (inotify, semaphores, cgroups), which are `kernel-limit` or `node-runtime`. A pod that the kubelet evicted for its
 * use of the disk is `evicted`.
 */
export const diskFull = defineRule({
  id: 'disk-full',
  cause: 'disk-full',
  title: 'Volume or filesystem full',
  docs: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#expanding-persistent-volumes-claims',
  doc: {
    describe: '`Error` with exit 1 or 135 on every start; the node may show `DiskPressure`.',
    logs: '`No space left on device`, `ENOSPC`, `database or disk is full`, `could not extend file`, `short write`.',
    steps: [
      'See which filesystem the path in the message lies on, and what fills it (`df -h`, `du`).',
      'Enlarge the claim where its class allows it; raise `sizeLimit` of an empty volume; mount memory at `/dev/shm`.',
      'Delete what is not needed, and set retention so that it does not fill again.',
    ],
    prevention: 'Alert on the use of volumes at 80 %, and bound logs, queues and caches by size.',
  },
  needs: [],
  specificity: 3,
  supersedes: ['app-exception', 'exits-early', 'probe-too-early', 'probe-wrong'],
  detect: (evidence) => {
    const node = judgeNode(evidence);
    if (node) return node;
    const match = matchLog(evidence, SIGNATURES);
    if (match && !match.statement.texts.some((one) => NOT_DISK.test(one.text))) return judgeLog(evidence, match);
    const waits = findLine(evidence.log, WAITS);
    if (!waits || !evidence.log) return null;
    const covering = onlyMount(evidence);
    return {
      confidence: 'likely',
      what: `${covering ? `volume ${covering.mount.volume}` : 'its filesystem'} is full`,
      sentence: headline(
        evidence,
        'likely',
        `it waits for room on ${covering ? mountInWords(covering) : 'a full filesystem'}`,
      ),
      facts: [logFact(evidence.log, waits.no, 'What it waits for'), ...(covering ? [mountFact(covering)] : [])],
      steps: steps(evidence, covering, ''),
    };
  },
});
