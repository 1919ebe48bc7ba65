import { command, editWorkload, outlives, specPatch, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { exitFact, fieldFact, logFact } from '@/lib/diagnosis/facts';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { matchLog, type Signature } from '@/lib/diagnosis/match-log';
import { defineRule } from '@/lib/diagnosis/rule';
import type { DoneCondition } from '@/lib/diagnosis/steps/condition';
import { matchStartError } from '@/lib/diagnosis/texts/start-error';
import type { Fact, Finding, Step } from '@/lib/diagnosis/verdict';
import { headline } from '@/lib/diagnosis/wording';

type Limit =
  | 'files'
  | 'inotify'
  | 'threads'
  | 'map-count'
  | 'shared-memory'
  | 'huge-pages'
  | 'locked-memory'
  | 'aio'
  | 'keys'
  | 'semaphores';

/** Most telling first: "too many open files" is also what a full inotify table is answered with. */
const SIGNATURES: readonly Signature<Limit>[] = [
  {
    pattern:
      /inotify.{0,120}(?:limit|too many|exhausted|reached|no space|failed|EMFILE|ENOSPC)|(?:limit|too many|no space).{0,80}inotify|number of file watchers reached|fsnotify.{0,60}too many open files|(?:watcher|allocate directory watch|create watch\w{0,4}).{0,60}too many open files|max_user_(?:instances|watches)/i,
    meaning: 'inotify',
  },
  {
    pattern: /max_map_count|max virtual memory areas|(?:IOException|OutOfMemoryError): Map failed/i,
    // A sysctl that may not be written is refused, not too low.
    except: /Read-only file system|[Pp]ermission denied|[Oo]peration not permitted/,
    meaning: 'map-count',
  },
  {
    pattern:
      /unable to create (?:new )?native thread|failed to create (?:new )?(?:OS )?thread|pthread_create(?:\(\))? ?(?:failed|error|returned|:).{0,60}(?:EAGAIN|Resource temporarily|code 11|errno[ =]11|error 11|\b11\b)|can't start new thread|(?:fork|clone|vfork|spawn|exec)\w{0,12}\b.{0,120}[Rr]esource temporarily unavailable|(?:spawn|fork)\b.{0,80}\bEAGAIN\b|[Tt]hread creation failed|failed to spawn thread|thread constructor failed|blas_thread_init: pthread_create|max number of threads \[|[Cc]annot fork|newosproc|No more processes|can't create (?:more )?[Tt]hreads?|[Uu]nable to start .{0,40}thread.{0,80}Resource temporarily/,
    meaning: 'threads',
    except: /Operation not permitted|EPERM|will retry/,
  },
  {
    pattern:
      /DataLoader worker .{0,80}Bus error|insufficient shared memory|out of shared memory.{0,80}(?:limit|DataLoader|shm)|raise your shared memory limit|shmget\(.{0,120}(?:failed|error)|could not create shared memory segment|SHMMAX|SHMALL|unable to (?:allocate|create|open) shared memory|creating shared memory segment .{0,120}(?:size|failed)/i,
    meaning: 'shared-memory',
    except: /max_locks_per_transaction/,
  },
  {
    pattern:
      /huge ?pages?\b.{0,100}(?:not enough|insufficient|fail|cannot|unable|no free|unavailable)|(?:could not|cannot|failed to|unable to) (?:map anonymous shared memory|allocate .{0,40}huge ?page)|hugetlb.{0,60}fail|EAL: .{0,40}hugepages? .{0,60}(?:not|fail)/i,
    meaning: 'huge-pages',
  },
  {
    pattern:
      /MEMLOCK may be too low|RLIMIT_MEMLOCK|memory locking requested for .{0,40} but memory is not locked|[Ff]ailed to (?:mlock|lock memory)|mlock(?:all)?(?:\(\))?.{0,60}(?:fail|Cannot allocate)|max locked memory/,
    meaning: 'locked-memory',
    except: /warn/i,
  },
  {
    pattern: /aio-max-nr|io_setup\(\)?.{0,40}(?:EAGAIN|fail)|Could not setup Async I\/O/i,
    meaning: 'aio',
  },
  { pattern: /could not create semaphores|SEMMN[IS]\b|semget\(.{0,80}(?:No space|fail)/i, meaning: 'semaphores' },
  {
    pattern:
      /too many open files|\bEMFILE\b|\bENFILE\b|\[Errno 2[34]\]|errno:? ?-?2[34]\b|os error 2[34]\b|max file descriptors \[|(?:open files?|file descriptors?|nofile|RLIMIT_NOFILE|ulimit)\b.{0,80}(?:too low|insufficient|exceeded|exhausted|is less than|must be at least|too small)|(?:out of|no more|ran out of|run out of) file (?:descriptors|handles)/i,
    meaning: 'files',
    except: /worker_connections exceed|\bwarn/i,
  },
  { pattern: /^Bus error\b|[.:] Bus error\b|signal 7\b.{0,20}Bus error/, meaning: 'shared-memory' },
];

interface LimitText {
  /** Completes "… because". */
  readonly reason: string;
  readonly what: string;
  /** How to look at it, and how to raise it. */
  readonly look: string;
  readonly lookText: string;
  readonly raise: string;
  readonly raiseText: string;
}

const NODE_SETTING = 'in the configuration of the nodes, so that it holds after a reboot and on new nodes';

const TEXTS: Readonly<Record<Limit, LimitText>> = {
  files: {
    reason: 'it may open no more files',
    what: 'too many open files',
    look: 'ulimit -n; ls /proc/1/fd | wc -l; cat /proc/sys/fs/inotify/max_user_instances',
    lookText:
      'Three limits answer with this text: files of a process, files of the node, and inotify instances of a user (128 by default). A count near the first is a leak or a limit that is too low.',
    raise: 'Raise the limit that is reached',
    raiseText: `The limit of open files comes from the container runtime of the node; fs.inotify.max_user_instances=8192 is set ${NODE_SETTING}. A leak needs a fix in the program.`,
  },
  inotify: {
    reason: 'the node has no inotify instance or watch left for its user',
    what: 'inotify limit of the node reached',
    look: 'sysctl fs.inotify.max_user_instances fs.inotify.max_user_watches',
    lookText: 'All pods of a node with the same user share these limits. The default of 128 instances is soon used up.',
    raise: 'Raise fs.inotify.max_user_instances and max_user_watches on the nodes',
    raiseText: `For example 8192 and 524288, ${NODE_SETTING}. Programs that can do without watching files may be told so.`,
  },
  threads: {
    reason: 'it may start no more threads or processes',
    what: 'limit of threads or processes reached',
    look: 'cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids.current',
    lookText: "The kubelet's podPidsLimit counts threads and processes of the whole pod.",
    raise: 'Start fewer threads, or raise podPidsLimit of the kubelet',
    raiseText:
      'Pools sized by the processors of the node start too many: set the size (`GOMAXPROCS`, `OMP_NUM_THREADS`, `-XX:ActiveProcessorCount`). A count that climbs is a leak of threads or of children that nobody reaps.',
  },
  'map-count': {
    reason: 'vm.max_map_count of the node is too low',
    what: 'vm.max_map_count of the node too low',
    look: 'sysctl vm.max_map_count',
    lookText: 'The default is 65530; search engines and databases that map their files ask for 262144.',
    raise: 'Set vm.max_map_count=262144 on the nodes',
    raiseText: `Best ${NODE_SETTING}.`,
  },
  'shared-memory': {
    reason: 'the shared memory that it may use is too small',
    what: 'shared memory too small',
    look: 'df -h /dev/shm',
    lookText:
      'The runtime gives every container 64 MiB of /dev/shm. A bus error is how a write past its end is answered.',
    raise: 'Mount memory at /dev/shm',
    raiseText: 'A volume in memory there is as large as you say; it counts to the memory limit.',
  },
  'huge-pages': {
    reason: 'it cannot get the huge pages that it asks for',
    what: 'huge pages cannot be had',
    look: 'grep -i huge /proc/meminfo',
    lookText: 'A node that has huge pages offers them only to pods that request them.',
    raise: 'Request huge pages, or turn their use off',
    raiseText: 'Set resources.limits `hugepages-2Mi`, or the option of the program (`huge_pages = off` in PostgreSQL).',
  },
  'locked-memory': {
    reason: 'it may not lock the memory that it wants to lock',
    what: 'limit of locked memory reached',
    look: 'ulimit -l',
    lookText: 'The limit comes from the container runtime of the node.',
    raise: 'Raise the limit in the runtime, add the capability IPC_LOCK, or do not lock',
    raiseText: 'Most programs lock memory only to keep it off the swap, which a node has not: turn it off there.',
  },
  aio: {
    reason: 'the node has no slot for asynchronous input and output left',
    what: 'fs.aio-max-nr of the node reached',
    look: 'sysctl fs.aio-nr fs.aio-max-nr',
    lookText: 'Databases on one node share this number.',
    raise: 'Raise fs.aio-max-nr on the nodes',
    raiseText: `For example 1048576, ${NODE_SETTING}.`,
  },
  keys: {
    reason: 'the node has no room for another kernel keyring',
    what: 'kernel keyrings of the node used up',
    look: 'cat /proc/key-users; sysctl kernel.keys.maxkeys',
    lookText: 'Each container takes one key of the root user.',
    raise: 'Raise kernel.keys.maxkeys and kernel.keys.maxbytes on the nodes',
    raiseText: `For example 2000 and 200000, ${NODE_SETTING}.`,
  },
  semaphores: {
    reason: 'the node has no semaphores left',
    what: 'semaphores of the kernel used up',
    look: 'sysctl kernel.sem; ipcs -s',
    lookText: 'What dead programs left behind counts too.',
    raise: 'Raise kernel.sem on the nodes',
    raiseText: `The fourth number is SEMMNI; set it ${NODE_SETTING}.`,
  },
};

const NODE_LIMITS: ReadonlySet<Limit> = new Set(['files', 'inotify', 'aio', 'keys', 'semaphores']);

function raiseSteps(evidence: Evidence, limit: Limit): readonly Step[] {
  const { raise, raiseText } = TEXTS[limit];
  const done: DoneCondition = outlives(evidence);
  const { container } = evidence;
  const list = container.type === 'app' ? 'containers' : 'initContainers';
  if (limit === 'shared-memory') {
    return [
      specPatch(
        evidence,
        {
          volumes: [{ name: 'shared-memory', emptyDir: { medium: 'Memory', sizeLimit: '1Gi' } }],
          [list]: [{ name: container.name, volumeMounts: [{ name: 'shared-memory', mountPath: '/dev/shm' }] }],
        },
        { id: 'mount-shared-memory', title: raise, text: raiseText, done },
      ),
    ];
  }
  if (limit === 'map-count') {
    return [
      {
        id: 'raise-map-count',
        operation: { kind: 'decide' },
        title: raise,
        text: `${raiseText} Where you cannot change nodes, a privileged init container may set it.`,
        done: outlives(evidence),
      },
      specPatch(
        evidence,
        {
          initContainers: [
            {
              name: 'set-max-map-count',
              image: 'busybox',
              command: ['sysctl', '-w', 'vm.max_map_count=262144'],
              securityContext: { privileged: true, runAsUser: 0 },
            },
          ],
        },
        {
          id: 'set-map-count-at-start',
          title: 'Or set it from a privileged init container',
          text: 'It changes the node for all its pods, and pod security must allow it in this namespace.',
          done,
        },
      ),
    ];
  }
  // Limits of the node are not raised by editing the workload.
  if (NODE_LIMITS.has(limit))
    return [{ id: 'raise-node-limit', operation: { kind: 'decide' }, title: raise, text: raiseText, done }];
  return [step('raise-limit', raise, raiseText, editWorkload(evidence), done)];
}

function finding(
  evidence: Evidence,
  limit: Limit,
  confidence: Finding['confidence'],
  facts: readonly [Fact, ...Fact[]],
  happens?: string,
): Finding {
  const { reason, what, look, lookText } = TEXTS[limit];
  const node = evidence.pod.nodeName;
  const sameNode = (evidence.siblings ?? []).filter((one) => one.nodeName !== node && one.ready).length;
  return {
    confidence,
    what,
    sentence: headline(evidence, confidence, reason, happens),
    facts: [
      ...facts,
      ...(node
        ? [fieldFact('spec.nodeName', node, sameNode > 0 ? 'Its node; replicas on others run' : 'Its node')]
        : []),
    ],
    steps: [
      ...(node
        ? [
            step(
              'see-limit',
              'See the limit on its node',
              lookText,
              command('kubectl', 'debug', `node/${node}`, '-it', '--image=busybox', '--', 'sh', '-c', look),
            ),
          ]
        : []),
      ...raiseSteps(evidence, limit),
    ],
  };
}

const KEYRING = /unable to (?:join|create) session key(?:ring)?.{0,80}quota exceeded/i;
const NO_FORK = /(?:fork\/exec|clone|pthread|newosproc|can't start).{0,120}resource temporarily unavailable/i;
/** SIGBUS: a mapped file could not be backed by memory or disk. */
const BUS_ERROR = 135;

/**
 * The kernel refuses one more of what it counts: open files, inotify watches, threads, memory maps, shared memory, keys.
 *
 * The program repeats the kernel's answer, and the words mislead: a full inotify table is "too many open files" or "no space
 * left on device", a refused thread is an `OutOfMemoryError`. A disk that is full is `disk-full`; a call that is forbidden
 * ("Operation not permitted") is `denied-by-kernel`.
 */
export const kernelLimit = defineRule({
  id: 'kernel-limit',
  cause: 'kernel-limit',
  title: 'Kernel or process limit reached (files, inotify, threads, map count, shared memory)',
  docs: 'https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/',
  doc: {
    describe: '`Error` with exit 1, 78, 134 or 135, often only on some nodes.',
    logs: '`too many open files`, `unable to create native thread`, `pthread_create failed (EAGAIN)`, `vm.max_map_count [65530] is too low`, `Bus error`.',
    steps: [
      'Find out which limit it is: the text names it, or `ulimit -a` and the sysctls of the node show it.',
      'See whether only pods on one node fail: then the node is full or set otherwise.',
      'Raise it where it is set: sysctls and the container runtime on nodes, podPidsLimit in the kubelet, `/dev/shm` in the pod.',
    ],
    prevention: 'Set the sysctls that your programs need in the image of the nodes, and watch counts for leaks.',
  },
  needs: [],
  specificity: 3,
  supersedes: ['app-exception', 'exits-early', 'heap-exhausted', 'probe-too-early', 'probe-wrong'],
  detect: (evidence) => {
    const keys = matchStartError(evidence, KEYRING);
    if (keys) return finding(evidence, 'keys', 'certain', [keys.error.fact], 'does not start');
    const fork = matchStartError(evidence, NO_FORK);
    if (fork) return finding(evidence, 'threads', 'likely', [fork.error.fact], 'does not start');
    const exit = exitFact(evidence);
    const match = matchLog(evidence, SIGNATURES);
    if (match) {
      const facts: [Fact, ...Fact[]] = [logFact(match.log, match.no, 'What the kernel answered')];
      if (exit) facts.push(exit);
      return finding(evidence, match.meaning, logConfidence(evidence, match), facts);
    }
    if (evidence.lastTermination?.exitCode === BUS_ERROR && exit)
      return finding(evidence, 'shared-memory', 'possible', [exit]);
    return null;
  },
});
