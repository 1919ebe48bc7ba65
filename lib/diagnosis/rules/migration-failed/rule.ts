import { logsCommand, outlives, rollbackStep, seenByPerson, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { eventFact, exitFact, fieldFact, logFact, specPath } from '@/lib/diagnosis/facts';
import { readStatements } from '@/lib/diagnosis/log/read-statements';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { findLine, matchLog, type Signature } from '@/lib/diagnosis/match-log';
import { findProbeKill } from '@/lib/diagnosis/probe-kill';
import { defineRule } from '@/lib/diagnosis/rule';
import type { Confidence, Fact, Finding, Step } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';

/**
 * `dirty`: an earlier attempt left a mark; `lock`: an earlier or other attempt holds the lock; `failed`: a step failed now;
 * `drift`: code and history do not fit; `pending`: nobody ran them; `sql`: an error of SQL that counts where migrations run.
 */
type Meaning = 'dirty' | 'lock' | 'failed' | 'drift' | 'pending' | 'sql';

/** The database was not reached, or did not let it in: then that is what an operator must change first. */
const NOT_REACHED =
  /connection refused|ECONNREFUSED|no such host|ENOTFOUND|EAI_AGAIN|i\/o timeout|ETIMEDOUT|timed out (?:connecting|waiting for conn)|connect(?:ion)? timed? ?out|could not translate host|name or service not known|temporary failure in name|password authentication|access denied|authentication failed|no pg_hba|unreachable|database server at|could not connect|can't connect|unable to connect|failed to connect|no route to host|x509|certificate|is starting up|no space left|read-only/i;
/** Migrations of virtual machines, shards, data between hosts, of settings, and objects of the cluster that are only named so. */
const OTHER_MIGRATION =
  /Error from server|\bjobs?\.batch\b|live migration|shard|vmotion|partition|virtual machine|\bVMI\b|settings migration|config(?:uration)? migration|migrating from v\d+ config/i;

const SIGNATURES: readonly Signature<Meaning>[] = [
  {
    pattern:
      /Dirty database version -?\d{1,20}|database (?:is )?in a dirty state|dirty (?:flag|migration)|migration is dirty|failed migrations? in the target database|\bP3009\b|contains a failed migration|[Dd]etected failed migration|previous(?:ly)? (?:failed|aborted|unfinished|incomplete) migration|migration (?:already started|was interrupted|is partially applied)|partially applied (?:migration|version)/,
    meaning: 'dirty',
  },
  {
    pattern:
      /[Cc]ould not acquire (?:change ?log|migration|advisory|database) lock|Waiting for changelog lock|[Mm]igration (?:table|lock)s? (?:is |are )?(?:already )?(?:locked|held)|MigrationLocked|ConcurrentMigrationError|DATABASECHANGELOGLOCK|can't acquire (?:database |migration )?lock|(?:timed out|timeout).{0,60}(?:migration|advisory|changelog) lock|unable to (?:acquire|obtain) (?:\w{1,20} )?(?:advisory|migration|schema history|table) lock|another .{0,40}\b(?:is|are) (?:currently )?(?:performing|running|applying) (?:the |database |schema )*migrations?/i,
    meaning: 'lock',
  },
  {
    pattern:
      /[Mm]igration checksum mismatch|[Vv]alidate failed.{0,40}[Mm]igration|Migrations? (?:have )?failed validation|[Dd]etected (?:applied|resolved) migration not|Found more than one migration|ValidationFailedException|Found non-empty schema|database schema is not empty|\bP3005\b|InconsistentMigrationHistory|Conflicting migrations detected|NodeNotFoundError.{0,60}[Mm]igration|Can't locate revision identified by|Multiple head revisions|overlaps with other requested revisions|migration directory is corrupt|no migration found for version|was previously applied but (?:is missing|has been modified)|missing \(out-of-order\) migrations|PendingModelChangesWarning|BadMigrationError|no such migration|migration .{0,80}(?:has been|was) (?:modified|changed|edited|tampered)|duplicate migration|DuplicateMigration/,
    meaning: 'drift',
  },
  {
    pattern:
      /PendingMigrationError|[Mm]igrations are pending|(?:unapplied|pending|outstanding|missing) (?:database |schema |db )?migrations?\b|migrations? (?:have|has) not (?:been )?(?:run|applied)|[Nn]ew migrations available|needs? bootstrapping|need to (?:upgrade|initialize|migrate) the database|(?:database|schema|db) (?:is not up[- ]to[- ]date|is out[- ]?of[- ]date|needs? (?:to be )?(?:upgraded|migrated|updat)|must be (?:manually )?(?:upgraded|migrated))|Target database is not up to date|run `?(?:airflow|kong|rails|bin\/rails|rake|flask|alembic|php artisan|python manage\.py|npx|superset|temporal-sql-tool)\b.{0,60}(?:migrat|upgrade|bootstrap)|schema version compatibility check failed/,
    meaning: 'pending',
    except: /\b(?:no|0) (?:unapplied|pending|outstanding)/i,
  },
  {
    pattern:
      /MigrationFailedException|MigrateError|FlywayException|FlywayMigrat\w{1,20}Exception|LiquibaseException|LiquibaseMigration|Flyway\w{0,20}(?:Sql|Script)\w{0,20}Exception|Migration .{0,160}\bfailed\b|\bmigrat(?:e|ion|ions|ing)\b.{0,100}\b(?:failed|failure|aborted|error(?:ed)?|unsuccessful|could not|cannot|can't)\b|\b(?:failed|failure|unable|could not|cannot|can't|error)\b.{0,100}\b(?:migrat(?:e|ion|ions|ing)\b|(?:update|upgrade) (?:the )?(?:database|schema|db)\b)|all later migrations canceled|IrreversibleMigration|MigrationSchemaMissing|MigrationError|QueryError during migration|saved object migrations|\bP30(?:06|18|12|14|15|16|17|19)\b|[Ff]ailed to (?:initiali[sz]e|create|prepare|sync|update|upgrade|apply) (?:the )?(?:database |db )?schema|[Dd]atabase (?:upgrade|update) failed|Failed to update database|encountered an exception\.?$/i,
    meaning: 'failed',
    except: /\b0 (?:failed|errors)|no errors|errors?[:=] ?0/i,
  },
];

/** Errors of the database: they count where a migration is at work, or where a table that the code needs is missing. */
const SQL_SIGNATURES: readonly Signature<Meaning>[] = [
  { pattern: /^psql:.{1,200}\.sql:\d{1,7}: (?:ERROR|FATAL)|^ERROR \d{4} \(\w{5}\) at line \d{1,7}/, meaning: 'sql' },
  {
    pattern:
      /(?:relation|table|column|index|constraint|type|schema|view|function|object|sequence|key|collection|database|extension)\b.{0,120}\b(?:already exists|does not exist|doesn't exist|not found|is ambiguous|violates)|Duplicate (?:column|key|entry)|Unknown (?:column|table)|no such (?:table|column)|already an object named|SQLSTATE\[?\(?(?:42|23)\w{3}|(?:code|SQLState|SQL state):? ?"?42[PS0]\w{2}|UndefinedTable|UndefinedColumn|DuplicateTable|DuplicateColumn|violates (?:unique|foreign key|not-null|check) constraint|syntax error at or near|You have an error in your SQL syntax/i,
    meaning: 'sql',
    except: /no such (?:file|host)|role "|user "|configmap|secret|customresource/i,
  },
];

/** Words by which a container or command is known to migrate a schema. */
const MIGRATES =
  /migrat|flyway|liquibase|alembic|goose|\bdbmate|db[-_: ](?:init|setup|upgrade|update|schema|prepare)|init-?db|initdb-schema|schema[-_:]|prisma|knex|sequelize|typeorm|artisan|ecto|changelog|atlas|bootstrap-db|database-setup/i;
/** A line, or a frame of a stack trace, that says that a migration is at work. */
const AT_WORK =
  /\b(?:[Mm]igrating|[Rr]unning (?:\w{1,20} ){0,3}migrations?|[Aa]pplying (?:\w{1,20} ){0,3}(?:migration|\w{1,60}\.\d{4}_|change ?set|revision|\d{3,}|\S{1,80}\.sql)|Running upgrade|== ?\d{6,}|[Uu]pgrading (?:the )?(?:database|schema)|[Mm]igrate: applying|Migrating database|== Running \d{6,}|Repo\.Migrations|[Ii]nitiali[sz]ing (?:the )?(?:database|schema))|MigrationExecutor|commands\/migrate\.py|db\/migrate\/\d|\/migrations?\/\d{3,}|Migrations\.Internal\.Migrator|\bumzug\b/;

interface Context {
  readonly fact: Fact;
}

/** Where it is seen that migrations run here: the container's own name and command, or a line of its log. */
function contextOf(evidence: Evidence): Context | null {
  const { container, workload } = evidence;
  const words = [container.name, ...container.command, ...container.args].join(' ').slice(0, 2048);
  if (MIGRATES.test(words))
    return {
      fact: fieldFact(
        specPath(container, 'command'),
        shorten([...container.command, ...container.args].join(' ') || container.name, 120),
        'What it runs is a migration',
      ),
    };
  if (MIGRATES.test(workload.name))
    return { fact: fieldFact('metadata.name', workload.name, 'Its name says that it migrates') };
  const line = findLine(evidence.log, AT_WORK);
  return line && evidence.log ? { fact: logFact(evidence.log, line.no, 'A migration is at work') } : null;
}

const TEXTS: Readonly<Record<Meaning, { reason: string; what: string }>> = {
  dirty: {
    reason: 'an earlier schema migration failed half-way and left its mark',
    what: 'an earlier migration failed half-way',
  },
  lock: {
    reason: 'the lock of schema migrations is held, most likely by a run that died',
    what: 'lock of schema migrations is held',
  },
  failed: { reason: 'a schema migration fails', what: 'a schema migration fails' },
  drift: {
    reason: 'its migrations do not fit those that the database has seen',
    what: 'migrations do not fit the database',
  },
  pending: {
    reason: 'the schema of its database was not migrated to this version',
    what: 'schema of its database is not migrated',
  },
  sql: { reason: 'a schema migration fails', what: 'a schema migration fails' },
};

const TOOLS: readonly (readonly [RegExp, string])[] = [
  [
    /Dirty database version|no migration found for version/,
    '`migrate … force VERSION` sets the version that the schema really has; then run it again',
  ],
  [/changelog|liquibase/i, '`liquibase release-locks`, or clear DATABASECHANGELOGLOCK, once no pod migrates any more'],
  [
    /flyway|checksum mismatch|failed migration to version/i,
    '`flyway repair` drops the mark of the failed step; then run it again',
  ],
  [/\bP3\d{3}\b|prisma/i, '`prisma migrate resolve --rolled-back NAME` (or `--applied`) settles the failed step'],
  [/alembic|revision/i, '`alembic current` and `alembic history` show where database and code part'],
  [/knex|Migration table is already locked/i, '`knex migrate:unlock` frees the lock'],
  [
    /django|InconsistentMigrationHistory|unapplied/i,
    '`manage.py showmigrations` shows what was applied; `migrate --fake` marks what is there',
  ],
  [/rails|rake|ActiveRecord/i, '`rails db:migrate:status` shows what was applied'],
];

function steps(evidence: Evidence, meaning: Meaning, text: string): readonly Step[] {
  const tool = TOOLS.find(([pattern]) => pattern.test(text))?.[1];
  const first: Step =
    meaning === 'pending'
      ? {
          id: 'run-migrations',
          operation: { kind: 'decide' },
          title: 'Run the migrations',
          text: 'As a Job of their own or an init container, with the image of this version and before its pods start.',
          done: seenByPerson('the tool says that the database is up to date'),
        }
      : meaning === 'lock'
        ? {
            id: 'release-lock',
            operation: { kind: 'decide' },
            title: 'Make sure that nobody migrates, then release the lock',
            text: tool
              ? `${tool}.`
              : 'The tool that migrates has a command for it; the lock is a row or an advisory lock in the database.',
            done: outlives(evidence),
          }
        : {
            id: 'repair-schema',
            operation: { kind: 'decide' },
            title:
              meaning === 'drift'
                ? 'Bring history and code together'
                : 'Repair the schema, then run the migration again',
            text: tool
              ? `${tool}. Take a backup of the database first.`
              : 'Undo or complete by hand what the failed step did; take a backup of the database first.',
            done: outlives(evidence),
          };
  return [
    step(
      'read-first-log',
      'Read the log of the run that failed first',
      'Later runs often complain only of what the first one left behind.',
      logsCommand(evidence),
    ),
    first,
    ...rollbackStep(
      evidence,
      'The code before may still work with the schema; a step that was applied half-way must be settled all the same.',
    ),
    {
      id: 'migrate-once',
      operation: { kind: 'decide' },
      title: 'Let one process migrate, with time enough',
      text: 'Several replicas that migrate at once, or a probe that kills in the middle, leave locks and marks behind.',
    },
  ];
}

/** The kill by a probe while a migration ran, from which locks and marks are left. */
function killFact(evidence: Evidence): Fact | null {
  const kill = findProbeKill(evidence);
  return kill?.killing ? eventFact(kill.killing, 'It is killed while it migrates or waits') : null;
}

function build(
  evidence: Evidence,
  meaning: Meaning,
  confidence: Confidence,
  lead: Fact,
  text: string,
  context: Context | null,
): Finding {
  const { reason, what } = TEXTS[meaning];
  const exit = exitFact(evidence);
  const kill = killFact(evidence);
  return {
    confidence,
    what,
    sentence: headline(evidence, confidence, `${reason}: ${shorten(text, 100)}`),
    facts: [lead, ...(context ? [context.fact] : []), ...(kill ? [kill] : []), ...(exit ? [exit] : [])],
    steps: steps(evidence, meaning, text),
  };
}

const LOCK_WAIT =
  /[Ww]aiting for changelog lock|[Ww]aiting (?:for|to acquire) (?:the |a )?(?:database |schema |advisory )*(?:migration )?lock|[Aa]nother process is (?:currently )?migrating|migration lock is held/;

/** Waits are told at the level of information until a probe or a timeout ends the run. */
function findLockWait(evidence: Evidence): Finding | null {
  if (!evidence.log) return null;
  const statements = readStatements(evidence.log);
  const last = statements.slice(-12).findLast((one) => LOCK_WAIT.test(one.message));
  if (!last) return null;
  const isKilled = findProbeKill(evidence) !== null;
  return build(
    evidence,
    'lock',
    isKilled ? 'likely' : 'possible',
    logFact(evidence.log, last.no, 'What it waits for'),
    last.message,
    null,
  );
}

/**
 * A schema migration failed, left a mark or a lock, or was never run.
 *
 * The tool says so in words of its own; a plain SQL error counts where a migration is at work. A database that cannot be
 * reached while migrating is a dependency; a checksum of a migration is no damaged data.
 */
export const migrationFailed = defineRule({
  id: 'migration-failed',
  cause: 'migration-failed',
  title: 'Schema migration failed or left a lock',
  docs: 'https://kubernetes.io/docs/concepts/workloads/pods/init-containers/',
  doc: {
    describe: '`Error` with exit 1 soon after the start, or `Init:CrashLoopBackOff`; often since a new version.',
    logs: '`Dirty database version`, `Migration checksum mismatch`, `Waiting for changelog lock`, `P3009`, `relation … already exists`.',
    steps: [
      'Read the first failed run: later ones complain of what it left behind.',
      'Make sure that nobody migrates, then settle the mark or lock with the command of the tool.',
      'Repair what was applied half-way, or go back to the version before.',
    ],
    prevention: 'Migrate in one Job before the rollout, in transactions, with no probe that can kill it.',
  },
  needs: ['log'],
  specificity: 3,
  supersedes: ['app-exception', 'exits-early', 'probe-too-early', 'probe-wrong'],
  detect: (evidence) => {
    const tool = matchLog(evidence, SIGNATURES);
    const sql = matchLog(evidence, SQL_SIGNATURES);
    const told = tool ? logFact(tool.log, tool.no, 'What the migration says') : null;
    const context = contextOf(evidence) ?? (told ? { fact: told } : null);
    // The tool's own words decide, except where the database's answer says more.
    const match = tool && sql && context && sql.position < tool.position ? sql : (tool ?? sql);
    const texts = match?.statement.texts.map((one) => one.text) ?? [];
    const isOther = texts.some((text) => NOT_REACHED.test(text) || OTHER_MIGRATION.test(text));
    if (isOther) return null;
    const wait = findLockWait(evidence);
    if (!match || wait?.confidence === 'likely') return wait;
    const plain = logConfidence(evidence, match);
    if (match.meaning === 'sql') {
      // Without a migration at work, a missing table only hints that nobody made it.
      const isMissing =
        /does not exist|doesn't exist|no such (?:table|column)|[Uu]nknown (?:column|table)|Undefined(?:Table|Column)/.test(
          match.text,
        );
      if (!context && !isMissing) return null;
      const meaning = context ? 'sql' : 'pending';
      return build(
        evidence,
        meaning,
        context ? plain : 'possible',
        logFact(match.log, match.no, 'What the database answered'),
        match.text,
        context,
      );
    }
    return build(
      evidence,
      match.meaning,
      plain,
      logFact(match.log, match.no, 'What the migration says'),
      match.text,
      context,
    );
  },
});
