import { kubectl, outlives, rollbackStep, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { exitFact, fieldFact, logFact, specFact } from '@/lib/diagnosis/facts';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { findLine, matchLog, type Signature } from '@/lib/diagnosis/match-log';
import { defineRule } from '@/lib/diagnosis/rule';
import { mountInWords, mountOf } from '@/lib/diagnosis/texts/mounts';
import type { Confidence, Fact, Step } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';

/** `store`: the store's own text, which has one reading; `words`: words that any program may use for it. */
type Meaning = 'store' | 'words';

const store = (pattern: RegExp, except?: RegExp): Signature<Meaning> => ({
  pattern,
  meaning: 'store',
  ...(except && { except }),
});

/** Versions of clients, protocols, APIs and clusters say nothing about stored data. */
const NOT_DATA =
  /client version|api version|API_VERSION|protocol|kubectl|kubernetes version|server version|schema registry|\bglibc\b|node\.js|\bnode version|engine|\bjava\b|python|\bTLS\b|driver|module|plugin api|crd|conversion|browser/i;

const SIGNATURES: readonly Signature<Meaning>[] = [
  // PostgreSQL and its extensions.
  store(
    /database files are incompatible with server|data directory was initialized by PostgreSQL version|cluster was initialized (?:with|without) (?:PG_CONTROL_VERSION|CATALOG_VERSION|XLOG|BLCKSZ|LOBLKSIZE|RELSEG_SIZE|FLOAT|USE_)|in 18\+, these Docker images are configured|PostgreSQL data in:? .{0,120}\(unused mount\/volume\)|The data directory contains an old version|Data page checksum version mismatch|old database version|could not access file "\$libdir\/\w{1,40}-\d/i,
  ),
  // MySQL and MariaDB.
  store(
    /Invalid MySQL server (?:up|down)grade|[Cc]annot (?:up|down)grade (?:server )?from (?:version )?\[?\d|data directory built by version|Unsupported redo log format|redo log (?:was )?created (?:with|by)|[Uu]pgrade (?:after a crash )?is not supported|Table flags are 0x?\w{0,12} in the data dictionary but|Invalid flags 0x\w{1,8} in|Downgrade is not supported|Unknown\/unsupported (?:storage format|undo)|Server upgrade of '\w{1,12}' failed|MY-01(?:3171|4060|4061)\b/,
    /Cannot downgrade (?:a )?(?:helm|chart)/i,
  ),
  // MongoDB.
  store(
    /Invalid featureCompatibilityVersion|Wrong mongod version|UPGRADE PROBLEM|featureCompatibilityVersion document|too recent to start up on the existing data files|under any compatibility version|IncompatibleServerVersion|unsupported WiredTiger file version|data files? .{0,40}requires? .{0,40}(?:feature|mongod)/i,
  ),
  // Redis and its kin.
  store(/Can't handle RDB format version|unsupported (?:RDB|AOF) (?:format|version)/i),
  // Elasticsearch, OpenSearch, Lucene, Kibana.
  store(
    /cannot (?:up|down)grade (?:a )?node from version|IndexFormatTooOld|IndexFormatTooNew|Format version is not supported|(?:index|indices|node|cluster state|metadata).{0,120}(?:created (?:with|in|by)|was created).{0,80}version.{0,120}(?:minimum|compatible|supported|later|upgrade)|Could not load codec '|An SPI class of type org\.apache\.lucene\.codecs\.Codec|belong to a more recent version of|pointing to a newer version of/,
  ),
  // Kafka, RabbitMQ, etcd, Cassandra, CockroachDB, Hadoop, others of the kind.
  store(
    /disabled_required_feature_flag|required_feature_flag_not_enabled|(?:required|disabled) feature flags?\b.{0,80}(?:not enabled|must be enabled|cannot)|incompatible_feature_flags|cluster cannot be downgraded|invalid downgrade|storage version .{0,40}(?:is )?not supported|unknown storage version|metadata\.version .{0,60}(?:not supported|unsupported|too)|Unknown (?:metadata|feature) (?:version|level)|last used with .{0,40}version .{0,40}is too (?:old|new)|cannot be run on .{0,60}too (?:old|new)|(?:sstable|SSTable)s?\b.{0,120}(?:incompatible|unreadable|upgradesstables)|Unexpected version of storage directory|contains an old layout version|layout version .{0,60}(?:required|newer|is not)|manifest has unsupported version|MDB_VERSION_MISMATCH|DB_VERSION_MISMATCH|environment version mismatch|(?:Unsupported|unsupported) (?:database file|file format|on-disk|disk format|block format|index (?:file )?)version|write format \d{1,3} is smaller than the supported|incompatible format with the current version|UpgradeNotAllowed|(?:database|store|data) files? (?:require|need)s? (?:upgrading|an upgrade|to be upgraded)|Unknown xl (?:meta|header) version|found backend type fs, expected|Expected backend type|Database directory version .{0,60}(?:lower|higher)|unknown (?:store|store format|meta file|index file) version|found .{0,20}(?:v1|1\.x) (?:data|storage|database)/i,
    /client/i,
  ),
  // Applications that keep their version beside the data.
  {
    pattern:
      /version of the data \([^)]{1,40}\) is higher than|[Uu]pdates between multiple major versions|databases? is already migrated to version|migration version: \d{1,6}\) is for a newer|for a newer \w{1,30}, you can not use|Database was upgraded to a more recent version|version of \w{1,30} is too old\. ?Please upgrade|too new for (?:the current version|this version)|upgraded? (?:to|through) (?:an |the )?(?:intermediate|\d[\w.]{0,12}) (?:version )?first|must (?:first )?(?:be )?upgraded? (?:to|from|via) .{0,40}(?:first|before)|is not a supported upgrade path|schema version \S{1,30} is (?:newer|higher|greater|older|lower)|database version .{0,60}(?:does not match|is (?:newer|higher|greater|too))|does not match (?:Zabbix|the) database version/i,
    meaning: 'words',
    except: NOT_DATA,
  },
  {
    pattern:
      /(?:\b|[a-z])(?:data|database|db|datadir|schema|store|storage|volume|file|files|index|snapshot|state|directory|wal|checkpoint|keyspace|ledger)\b.{0,120}\b(?:(?:is|are|was|were|has been|have been) )?(?:too (?:new|old|recent)|newer than|more recent than|incompatible with|not compatible with|(?:created|written|produced|generated|initiali[sz]ed|formatted|saved|built|upgraded) (?:by|with|using|in|for) (?:a |an )?(?:newer|later|older|earlier|different|another|previous|future|incompatible|more recent|unsupported))/i,
    meaning: 'words',
    except: NOT_DATA,
  },
  {
    pattern:
      /\bdowngrad(?:e|es|ing)\b.{0,60}\b(?:is |are )?(?:not|un)[- ]?(?:supported|allowed|possible)|\b(?:cannot|can't|can not|unable to|refus\w{1,4} to) downgrade|(?:is|from) (?:a )?(?:newer|future|later) (?:schema |data |database |db |format )?version\b|unsupported (?:data|schema|database|storage|state|snapshot|disk|on-disk) (?:format |file )?version|unknown (?:data|schema|storage|state|snapshot) (?:format |file )?version/i,
    meaning: 'words',
    except: NOT_DATA,
  },
];

const DETAIL =
  /initialized by PostgreSQL version \d|built by version \d|from version \[?\d|last used with .{0,30}version|is higher than the docker image version|PG_VERSION/i;

/** The volume that holds the data: the one that a line names, else the only one of a claim. */
function dataMount(evidence: Evidence, texts: readonly string[]) {
  for (const text of texts) {
    for (const found of [...text.slice(0, 2048).matchAll(/(\/[\w.@+-]{1,80}(?:\/[\w.@+-]{1,120}){0,12})/g)].slice(
      0,
      12,
    )) {
      const covering = mountOf(evidence, found[1] ?? '');
      if (covering && covering.volume?.kind !== 'configMap') return covering;
    }
  }
  const claims = evidence.container.mounts
    .map((mount) => mountOf(evidence, mount.path))
    .filter((one) => one?.volume?.kind === 'persistentVolumeClaim');
  return claims.length === 1 ? (claims[0] ?? null) : null;
}

function steps(evidence: Evidence, before: string | null): readonly Step[] {
  const { container } = evidence;
  return [
    ...rollbackStep(
      evidence,
      before
        ? `The image before, ${shorten(before, 60)}, is the one that can read the data. Nothing is lost by going back.`
        : 'Brings back the image that can read the data, where this revision changed it.',
    ),
    {
      id: 'run-fitting-version',
      operation: { kind: 'decide' },
      title: before ? 'Choose: keep the version, or upgrade the data' : 'Run the version that wrote the data',
      text: 'Set the image to the version that the message names, and pin it; a tag such as latest moves on by itself.',
      done: outlives(evidence),
    },
    step(
      'see-image-source',
      'Look for where the image comes from',
      'A moving tag or an update of the chart brings another version without anybody asking for it.',
      kubectl(
        evidence,
        'get',
        'pod',
        evidence.pod.name,
        '-o',
        `jsonpath={.status.containerStatuses[?(@.name=="${container.name}")].imageID}`,
      ),
    ),
    {
      id: 'upgrade-data',
      operation: { kind: 'decide' },
      title: 'Upgrade the data on purpose',
      text: 'Copy the volume first. Then go through the versions in the order that the program documents, or dump with the old version and load with the new one.',
      done: outlives(evidence),
    },
  ];
}

/**
 * The data on the volume was written by another version of the program, which this one cannot read.
 *
 * The store says so and names both versions. Mistaken for damaged data (`data-corrupt`); a schema migration that ran and failed
 * is `migration-failed`.
 */
export const dataVersion = defineRule({
  id: 'data-version',
  cause: 'data-version',
  title: 'Data written by another version of the program',
  docs: 'https://kubernetes.io/docs/concepts/containers/images/#updating-images',
  doc: {
    describe: '`Error` with exit 1 seconds after each start, since the image was changed.',
    logs: '`database files are incompatible with server`, `Cannot downgrade`, `Invalid featureCompatibilityVersion`, `Can’t handle RDB format version`.',
    steps: [
      'Go back to the version that wrote the data.',
      'Copy the volume, then upgrade in the steps that the program documents.',
      'Pin the version of the image.',
    ],
    prevention: 'Pin exact versions of stores, read the upgrade notes, and rehearse an upgrade on a copy of the data.',
  },
  needs: ['log'],
  specificity: 3,
  supersedes: ['app-exception', 'exits-early', 'data-corrupt', 'missing-module', 'file-missing', 'setting-invalid'],
  detect: (evidence) => {
    const match = matchLog(evidence, SIGNATURES);
    if (!match) return null;
    const plain = logConfidence(evidence, match);
    const code = evidence.lastTermination?.exitCode ?? 0;
    const isProven = match.meaning === 'store' && match.position === 0 && plain === 'likely' && code !== 0;
    const confidence: Confidence = isProven ? 'certain' : plain;
    const detail = findLine(evidence.log, DETAIL);
    const covering = dataMount(
      evidence,
      match.statement.texts.map((one) => one.text),
    );
    const changed = evidence.revision?.changes.find((change) => change.path.endsWith('.image'));
    const exit = exitFact(evidence);
    const facts: Fact[] = [
      ...(detail && detail.no !== match.no && evidence.log
        ? [logFact(evidence.log, detail.no, 'Which version wrote it')]
        : []),
      changed
        ? specFact(evidence, 'image', `${changed.before} → ${changed.after}`, 'It was changed with this revision')
        : specFact(evidence, 'image', evidence.container.image, 'The version that runs'),
      ...(covering
        ? [fieldFact(`spec.volumes[${covering.mount.volume}]`, mountInWords(covering), 'The volume with the data')]
        : []),
      ...(exit ? [exit] : []),
    ];
    return {
      confidence,
      what: 'data was written by another version',
      sentence: headline(
        evidence,
        confidence,
        `its data was written by another version than ${shorten(evidence.container.image, 60)}`,
      ),
      facts: [logFact(match.log, match.no, 'What it says of its data'), ...facts],
      steps: steps(evidence, changed?.before ?? null),
    };
  },
});
