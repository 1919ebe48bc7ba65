import { deletePod, kubectl, outlives, patch, seenByPerson, step, workloadTarget } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { exitFact, fieldFact, logFact, runsFact } from '@/lib/diagnosis/facts';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { matchLog, type Signature } from '@/lib/diagnosis/match-log';
import { defineRule } from '@/lib/diagnosis/rule';
import { type CoveringMount, mountInWords, mountOf } from '@/lib/diagnosis/texts/mounts';
import type { Confidence, Fact, Step } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';

/**
 * `lock`: a lock, pid or socket file that an earlier run left or another process holds; `damaged`: content that cannot be
 * read; `half-made`: a first initialisation that was cut off; `hint`: a sign that needs data on a volume to be believed.
 */
type Meaning = 'lock' | 'damaged' | 'half-made' | 'hint';

const damaged = (pattern: RegExp, except?: RegExp): Signature<Meaning> => ({
  pattern,
  meaning: 'damaged',
  ...(except && { except }),
});
const lock = (pattern: RegExp, except?: RegExp): Signature<Meaning> => ({
  pattern,
  meaning: 'lock',
  ...(except && { except }),
});

/** Locks of a schema migration, of leader election and of package managers are no files of an earlier run. */
const OTHER_LOCK =
  /migrat|changelog|\bleader|\blease|advisory|terraform|\bapt\b|dpkg|yarn|pnpm|npm\b|poetry|state lock|port \d/i;
/** Checksums of downloads, packages and migrations say nothing about stored data. */
const OTHER_CHECKSUM =
  /migrat|flyway|liquibase|download|go\.sum|integrity|package|plugin|tarball|sha(?:256|512)|\bpip\b|image|layer|license|certificate|address|patch/i;

const SIGNATURES: readonly Signature<Meaning>[] = [
  // Left behind or held: pid files, lock files, sockets.
  lock(
    /(?:a|another|one) \w{0,30} ?(?:instance|process|server|daemon|copy|program)\b.{0,120}(?:is (?:already )?(?:running|using)|already (?:running|uses|has)|holds|has (?:it )?locked)/i,
    OTHER_LOCK,
  ),
  lock(
    /\bpid ?file\b.{0,160}(?:already exists|exists\b|is (?:already )?(?:locked|in use)|found)|already running.{0,80}\bpid\b|\bpid\b.{0,80}(?:is )?already running|already running as (?:process|pid)|process with pid \d{1,8} (?:is|seems)|\bserver is already running\b|already active for display|remove \S{1,200}\.?lock\b|httpd \(pid \d{1,8}\) already running/i,
    OTHER_LOCK,
  ),
  lock(
    /lock file "[^"]{1,300}" already exists|lock file "[^"]{1,300}" is empty|postmaster\.pid" already exists|\bLOCK: (?:already held|Resource temporarily)|already held by process|(?:lock|LOCK|lock_?file|\.lock|\.lck|\.pid)\b.{0,160}(?:Resource temporarily unavailable|already exists|[Ff]ile exists|is held|held by|already locked|in use by another)|[Ff]ailed to (?:acquire|obtain|get|take|create) (?:the |a |an |exclusive |directory |file |node |write ){0,5}locks?\b|[Cc]annot (?:acquire|obtain|get|lock) (?:the |a |exclusive |directory |file ){0,5}(?:lock|storage|directory)\b|[Uu]nable to (?:lock|acquire (?:\w{1,20} )?lock|obtain (?:\w{1,20} )?lock)|[Cc]ould not (?:lock|acquire (?:\w{1,20} )?lock|get an exclusive lock|obtain (?:\w{1,20} )?lock)|failed to lock (?:data|the|\S{0,40} ?dir)/,
    OTHER_LOCK,
  ),
  lock(
    /LockObtainFailed|NodeLockObtainFailed|OverlappingFileLock|DBPathInUse|DbLocked|lock DB directory|[Ll]ocked by (?:another|other) process|locked by another (?:process|instance|program)|is (?:already )?locked(?: by|\. )|directory is already locked|already being used by another process|used by another process|in use by another process|Database may be already in use|another (?:process|instance) (?:or thread )?is using this (?:directory|database)|cannot lock file because it is already locked/i,
    OTHER_LOCK,
  ),
  lock(
    /(?:listen|bind\w{0,3})\b.{0,40}\bunix\b.{0,240}address already in use|\.sock\S{0,8}.{0,40}(?:address already in use|already exists)/i,
  ),
  lock(/index\.lock': File exists|Another git process seems to be running/),
  lock(/database is locked|SQLITE_BUSY/i, /retry/i),
  // Redis and its kin.
  damaged(
    /Bad file format reading the append only file|[Ww]rong signature trying to load DB|Short read or OOM loading DB|Internal error in RDB reading|Unexpected end of file reading the append only file|rdb file reading failure|Wrong RDB checksum|RDB CRC error|Error reading the (?:append only|AOF)|AOF loading aborted|AOF .{0,80}(?:is not valid|corrupt|truncated file)|Fatal error loading the DB|Unknown RDB (?:encoding|opcode|type)/,
    /RDB format version/,
  ),
  // PostgreSQL.
  damaged(
    /could not locate a valid checkpoint record|invalid (?:primary |secondary )?checkpoint record|could not locate required checkpoint|invalid (?:page|magic number|resource manager|record length|contrecord)\b.{0,60}(?:in block|in log segment|of relation|at [0-9A-F])|incorrect checksum in control file|calculated CRC checksum does not match|could not (?:open|read) file "(?:global|pg_\w{2,20}|base)\/[^"]{1,120}": (?:No such file|Input\/output|read \d)|PANIC: {1,2}could not (?:open|read|find)|database files appear to be|could not access status of transaction|WAL .{0,40}contains? (?:invalid|corrupt)|missing chunk number|right sibling's left-link/i,
    /Permission denied|No space/,
  ),
  // MySQL and MariaDB.
  damaged(
    /page corruption|is marked as crashed|(?:Bad magic header|Wrong file format) in tc log|Crash recovery failed|Cannot create redo log files|log sequence number .{0,60}is in the future|Missing MLOG_CHECKPOINT|Aria (?:engine|recovery|log).{0,80}(?:corrupt|fail|bad|checksum|wrong|mismatch)|aria_log_control.{0,80}(?:smaller|not a|wrong|bad)|Plugin 'InnoDB' init function returned error|tablespace .{0,80}(?:missing|corrupt)|wsrep.{0,40}grastate.{0,40}corrupt/i,
  ),
  {
    pattern:
      /Table '\.?\/?mysql[./](?:user|db|servers|host|plugin|component)' doesn't exist|Can't open and lock privilege tables|data directory (?:has files in it|is not empty|is unusable)|exists but is not (?:empty|a (?:valid )?(?:database|data))|is not a (?:valid )?(?:database cluster|data) directory|is missing or (?:unreadable|has not been initialized)|partially initiali[sz]ed|previous initiali[sz]ation (?:failed|was)|is not a database cluster directory/i,
    meaning: 'half-made',
    except: /lost\+found|Permission denied/,
  },
  // etcd, bbolt, Raft logs, Badger, RocksDB, LevelDB.
  damaged(
    /(?:wal|walpb|snap|snapshot|snapdb|raftexample): (?:crc mismatch|file not found|snapshot not found|slice bounds|no available|max entry|.{0,30}corrupt)|snapshot file doesn't exist|failed to (?:recover|open|read|load|find) (?:v3 backend|database snapshot|snapshot|WAL|wal)\b|cannot (?:find|recover).{0,40}(?:snapshot|backend)|tocommit\(\d{1,20}\) is out of range|[Pp]age expected to be: \d{1,20}|page \d{1,20} already freed|failed to get all reachable pages|invalid freelist page|invalid page type|unexpected fault address|read wal error|manifest (?:file )?(?:has|is) (?:bad|invalid|corrupt|missing)|MANIFEST-?\d{0,12}.{0,60}(?:No such file|missing|corrupt)|Corruption: |corrupted compressed block|Value log truncate required|bolt: invalid|(?:bbolt|boltdb|bolt)\b.{0,80}(?:invalid database|file size too small)/,
  ),
  // Prometheus, Loki, Mimir and others of their kind.
  damaged(
    /corruption in segment|repair corrupted WAL|segments are not sequential|unsequential head chunk|unexpected (?:non-zero byte|full record|first record|gap to last checkpoint|checksum|block type|record type)|invalid (?:magic number|checksum|chunk|index|block) .{0,80}(?:head|chunk|index|segment|wal|block|meta|file)|last record is torn|read meta information|error recovering from .{0,20}WAL|bad WAL|(?:opening|open) storage failed.{0,200}(?:unexpected|invalid|corrupt|EOF|mismatch|torn|overlap)/i,
  ),
  // Search engines, queues, ledgers, document stores.
  damaged(
    /CorruptIndexException|CorruptStateException|TranslogCorrupted|IndexCorrupt|codec (?:footer|header) mismatch|failed to read local state|CorruptRecordException|Malformed line in|Error while reading checkpoint file|Unable to load database on disk|No snapshot found, but there are log entries|Unreasonable length|CRC check failed|current epoch, \w{1,20}, is older|not_a_(?:dets|log)_file|\bbad_(?:log|object|header)\b|premature_eof|WT_PANIC|WT_TRY_SALVAGE|WiredTiger.{0,160}(?:corrupt|checksum error|unexpected (?:file|checksum)|fatal log failure|No such file|illegal file format)|Unable to read the storage engine metadata|not empty.{0,40}unclean shutdown|CommitLogReadException|CommitLogReplayException|CorruptSSTable|Could not read commit log|error while processing commit log|[Ss]uspiciously many .{0,40}broken parts|CHECKSUM_DOESNT_MATCH|We expected txid \d{1,20}, but got|File corrupted while reading record|is not under version control and .{0,40}corrupt/,
  ),
  // SQLite and file formats.
  damaged(
    /database disk image is malformed|file is (?:encrypted or is )?not a database|SQLITE_(?:CORRUPT|NOTADB)|malformed database schema/i,
  ),
  // What any of them may say.
  damaged(/Structure needs cleaning|\bEUCLEAN\b|Bad message \(os error 74\)|\bEBADMSG\b/),
  damaged(
    /(?:checksum|crc|CRC32?|hash) (?:mismatch|error|failed|failure|verification failed|validation failed|does not match|doesn't match)/i,
    OTHER_CHECKSUM,
  ),
  damaged(
    /(?:data|database|db|file|index|segment|block|wal|log|journal|snapshot|state|storage|store|volume|record|table|metadata|page|checkpoint|ledger|queue|cache|repository|chunk|partition|manifest)s?\b.{0,80}\b(?:is|are|was|were|be|appears?|seems?|may be|has been|have been|looks|found)?.{0,12}\bcorrupt(?:ed|ion)?\b|\bcorrupt(?:ed)? (?:data|database|db|file|index|segment|block|wal|log|journal|snapshot|state|storage|record|table|metadata|page|header|store|chunk)/i,
    /heap|memory|image|layer|download|tarball|gzip|zip|request|payload|message|packet|no corrupt|check(?:ing)? for|not corrupt|size vs|double free/i,
  ),
  {
    pattern:
      /unexpected (?:end of (?:JSON input|file|stream|data)|EOF)|[Ii]nput\/output error|\bEIO\b|invalid header|bad magic|truncated|Stale file handle|invalid character '\\x00'|EOFError|EOFException|Unexpected end of input/,
    meaning: 'hint',
  },
];

/** Where the kernel says why a file cannot be opened, locked or written, the data is not to blame. */
const DENIED =
  /AccessDenied|permission denied|\bEACCES\b|\bEPERM\b|not permitted|read-only file|\bEROFS\b|no space left|\bENOSPC\b|quota exceeded|too many open files/i;

const PATH = /(?:"|'|`|\s|=|\(|:|\[)(\/[\w.@+-]{1,80}(?:\/[\w.@+-]{1,120}){0,12})/g;

function isData({ volume, mount }: CoveringMount): boolean {
  return !['configMap', 'secret', 'projected', 'downwardAPI'].includes(volume?.kind ?? '') && !mount.readOnly;
}

function findPath(evidence: Evidence, texts: readonly string[]): { path: string; mount: CoveringMount } | null {
  for (const text of texts) {
    for (const found of [...text.slice(0, 2048).matchAll(PATH)].slice(0, 12)) {
      const path = (found[1] ?? '').replace(/[.:]+$/, '');
      const mount = mountOf(evidence, path);
      if (mount && isData(mount)) return { path, mount };
    }
  }
  return null;
}

function dataMounts(evidence: Evidence): readonly CoveringMount[] {
  return evidence.container.mounts
    .map((mount) => mountOf(evidence, mount.path))
    .filter((one): one is CoveringMount => one !== null && isData(one));
}

function mountFact(covering: CoveringMount): Fact {
  return fieldFact(
    `spec.volumes[${covering.mount.volume}]`,
    mountInWords(covering),
    'The volume that keeps it from run to run',
  );
}

/** An earlier run that was killed is how a file is left half written or a lock is left behind. */
function killFact(evidence: Evidence): Fact | null {
  const killed = evidence.runs.find((run) => run.exitCode === 137 || run.reason === 'OOMKilled');
  return killed
    ? runsFact(
        `${killed.reason ?? 'Error'}, exit ${killed.exitCode ?? '?'}`,
        'An earlier run was killed in the middle of its work',
      )
    : null;
}

/** A run that was killed at its memory limit left this behind: the limit must be changed first. */
function isLeftByOom({ runs, status }: Evidence): boolean {
  return runs.some((run) => run.reason === 'OOMKilled') || status.lastTermination?.reason === 'OOMKilled';
}

function whoMounts(evidence: Evidence, covering: CoveringMount | null): Step {
  const claim = covering?.volume?.kind === 'persistentVolumeClaim' ? covering.volume.ref : '';
  return claim
    ? step(
        'see-claim-users',
        'See whether another pod mounts the claim',
        '"Used By" must name this pod alone. A second one that still runs holds the lock: let it end, do not delete the file.',
        kubectl(evidence, 'describe', 'pvc', claim),
        seenByPerson('only one pod uses the claim'),
      )
    : step(
        'see-other-pods',
        'See whether another pod still runs',
        'A pod of the old revision that has not ended may hold the lock.',
        kubectl(evidence, 'get', 'pods', '-o', 'wide'),
        seenByPerson('only one pod writes to the data'),
      );
}

function lockSteps(evidence: Evidence, covering: CoveringMount | null, path: string): readonly Step[] {
  const isEmptyDir = covering?.volume?.kind === 'emptyDir';
  const removal = isEmptyDir
    ? step(
        'replace-pod',
        'Replace the pod',
        'The volume lives as long as the pod: a new pod begins without the file that the last run left.',
        deletePod(evidence),
        outlives(evidence),
      )
    : step(
        'remove-left-file',
        `Remove ${path || 'the file that is left'}`,
        'Only when nothing else runs on the data. Start a pod for debugging with the same volume and delete the file there.',
        kubectl(
          evidence,
          'debug',
          evidence.pod.name,
          '-it',
          `--copy-to=${evidence.pod.name.slice(0, 50)}-debug`,
          `--container=${evidence.container.name}`,
          '--',
          'sh',
        ),
        outlives(evidence),
      );
  return [
    ...(isEmptyDir ? [] : [whoMounts(evidence, covering)]),
    removal,
    {
      id: 'clean-up-at-start',
      operation: { kind: 'decide' },
      title: 'Let the start remove what a dead run left',
      text: 'Delete pid files and sockets in the entry point, or keep them off volumes; use the strategy Recreate where two pods would share the data.',
    },
  ];
}

function damagedSteps(evidence: Evidence, covering: CoveringMount | null, isHalfMade: boolean): readonly Step[] {
  const { kind } = evidence.workload;
  const stop =
    kind === 'Deployment' || kind === 'StatefulSet'
      ? [
          step(
            'stop-writers',
            'Stop it, so that nothing writes',
            'Each restart may make it worse. Note the number of replicas to go back to.',
            patch(workloadTarget(evidence), { spec: { replicas: 0 } }, 'merge'),
            { kind: 'no-pods' },
          ),
        ]
      : [];
  const claim = covering?.volume?.kind === 'persistentVolumeClaim' ? covering.volume.ref : '';
  return [
    ...stop,
    {
      id: 'copy-data',
      operation: { kind: 'decide' },
      title: claim ? `Copy or snapshot claim ${claim} first` : 'Copy the data first',
      text: 'Repair tools drop what they cannot read. With a copy, a wrong step costs nothing.',
      done: seenByPerson('a snapshot or copy can be read'),
    },
    {
      id: 'repair-data',
      operation: { kind: 'decide' },
      title: isHalfMade ? 'Empty the directory and let it initialise again' : 'Repair it, or restore a backup',
      text: isHalfMade
        ? 'A first start that was cut off leaves a directory that is neither empty nor complete. Only where no data was in it yet.'
        : 'Use the repair of the program on the copy; where replicas hold the same data, empty this one and let it copy from them.',
      done: seenByPerson('the program starts and answers with the data expected'),
    },
    whoMounts(evidence, covering),
  ];
}

/**
 * What is stored cannot be used: a damaged file, a first initialisation that was cut off, or a lock, pid or socket file that an
 * earlier run left on a volume.
 *
 * The store names it. A full disk and a file of another version fail in the same place (`disk-full`, `data-version`); checksums
 * of migrations, downloads and packages are something else. A lock may also be held by a second pod that still runs.
 */
export const dataCorrupt = defineRule({
  id: 'data-corrupt',
  cause: 'data-corrupt',
  title: 'Corrupt data or stale lock file on a volume',
  docs: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/',
  doc: {
    describe: '`Error` with exit 1 seconds after each start, often since a node failed or the container was killed.',
    logs: '`Bad file format`, `could not locate a valid checkpoint record`, `database disk image is malformed`, `checksum mismatch`; or `already running`, `lock file … already exists`.',
    steps: [
      'See whether another pod mounts the same claim: then it holds the lock.',
      'Remove a lock or pid file that a dead run left; a pod with an empty volume is simply replaced.',
      'Copy damaged data before you repair it, or restore a backup.',
    ],
    prevention:
      'Give stores time to stop (`terminationGracePeriodSeconds`), enough memory, and one writer for each volume.',
  },
  needs: ['log'],
  specificity: 3,
  supersedes: ['app-exception', 'exits-early', 'file-missing', 'probe-too-early', 'setting-invalid'],
  detect: (evidence) => {
    const match = matchLog(evidence, SIGNATURES);
    if (!match || match.statement.texts.some((one) => DENIED.test(one.text))) return null;
    const { meaning } = match;
    const named = findPath(
      evidence,
      match.statement.texts.map((one) => one.text),
    );
    const mounts = dataMounts(evidence);
    if (meaning === 'hint' && !named) return null;
    const covering = named?.mount ?? (mounts.length === 1 ? (mounts[0] ?? null) : null);
    const plain = logConfidence(evidence, match);
    const isWeak = meaning === 'hint' || isLeftByOom(evidence);
    const confidence: Confidence = isWeak || /database is locked|SQLITE_BUSY/.test(match.text) ? 'possible' : plain;
    const killed = killFact(evidence);
    const exit = exitFact(evidence);
    const place = named ? shorten(named.path, 60) : covering ? mountInWords(covering) : '';
    const where = place === '' ? '' : ` (${place})`;
    const { reason, what } = {
      lock: {
        reason: `a lock or pid file of an earlier run, or of another process, is in its way${where}`,
        what: 'stale lock or pid file in its way',
      },
      'half-made': {
        reason: `its data directory is neither empty nor complete${where}`,
        what: 'data directory is only half initialised',
      },
      damaged: { reason: `its stored data is damaged${where}`, what: 'stored data is damaged' },
      hint: { reason: `a file that it stores is damaged${where}`, what: `${shorten(place, 40)} may be damaged` },
    }[meaning];
    return {
      confidence,
      what,
      sentence: headline(evidence, confidence, reason),
      facts: [
        logFact(match.log, match.no, meaning === 'lock' ? 'What is in its way' : 'What it says of its data'),
        ...(covering ? [mountFact(covering)] : []),
        ...(killed ? [killed] : []),
        ...(exit ? [exit] : []),
      ],
      steps:
        meaning === 'lock'
          ? lockSteps(evidence, covering, named?.path ?? '')
          : damagedSteps(evidence, covering, meaning === 'half-made'),
    };
  },
});
