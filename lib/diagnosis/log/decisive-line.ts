import type { LogEvidence } from '@/lib/diagnosis/evidence';
import { redactText } from '@/lib/domain/redact/text';
import { readStatements } from './read-statements';
import type { CauseLine, Level, Statement, StatementKind } from './statement';

/** The line of a log that says why the program ended. */
export interface DecisiveLine {
  readonly log: LogEvidence['which'];
  readonly no: number;
  /** The whole line as it stands in the log, credentials redacted. */
  readonly text: string;
  /** What it says without time, level and logger, error field included. */
  readonly message: string;
  readonly kind: StatementKind;
  readonly level: Level | null;
  readonly exceptionType: string;
  readonly frames: readonly string[];
  readonly causes: readonly CauseLine[];
}

/** A statement that may be the reason, with how much speaks for it. */
export interface Candidate {
  readonly statement: Statement;
  readonly score: number;
}

const BY_LEVEL: Readonly<Record<Level, number>> = { fatal: 82, error: 66, warn: 26, info: 2, debug: -10 };

/** Words with which programs of any language say that something failed, for lines without a level. */
const FAILED =
  /\b(?:error|errors|fatal|failed|failure|fails|cannot|can't|could not|couldn't|unable to|not found|no such|denied|refused|invalid|missing|required|unknown|unrecognized|unsupported|exception|panic|abort(?:ed|ing)?|crash(?:ed)?|killed|timed out|timeout|bad|illegal|corrupt(?:ed|ion)?|exceeded|exhausted|conflict|must be|must not|not set|undefined|does not exist|doesn't exist|not permitted|usage:|\w{1,60}(?:error|exception)|bad_alloc|too many|incompatible|not compatible|dirty|malformed|errno)\b/i;
/** Texts that name a reason and not only that something failed. */
const EXPLAINS =
  /connection refused|ECONNREFUSED|no such (?:file|host|table|module)|not permitted|permission denied|EACCES|ENOENT|ENOTFOUND|EADDRINUSE|address already in use|no space left|read-only file|cannot find (?:module|package)|no module named|unknown (?:flag|option|command|directive|field|key|argument)|unrecognized|is (?:required|not set|missing|undefined|not defined|invalid|not a valid)|must be (?:set|specified|provided|one of|a)|not allowed|x509|certificate|authentication failed|access denied|forbidden|unauthorized|does not exist|doesn't exist|no matches for kind|could not find the requested|out of memory|heap space|too many open files|already (?:exists|running|in use|locked)|dirty|incompatible|unsupported|corrupt|checksum|parse error|syntax error|unexpected (?:token|end|character|EOF)|did not find expected|unmarshal|timed? ?out|name or service not known|temporary failure in name|executable file not found|command not found|exec format|cannot open|can't open|unable to open|lock(?:ed)? by|address family not supported|no route to host|is not writable|newer than|downgrade|not installed/i;
/** The same of memory, disks, the kernel's limits, data and migrations. */
const EXPLAINS_STATE =
  /OutOfMemory|MemoryError|bad_alloc|memory allocation of|cannot allocate memory|memory limit .{0,40}exceeded|disk (?:is )?full|quota exceeded|resource temporarily unavailable|max_map_count|native thread|malformed|magic number|wrong signature|bad file format|not compatible|created by (?:a )?(?:newer|later|another)|initialized by|last used with|too (?:old|new|recent) (?:for|to)|(?:is|was) for a newer|more recent version of|data directory .{0,60}(?:has files|not empty|unusable|is not|exists)|SQLSTATE|still running|no space left|read-only file system|address already in use|migration (?:failed|error)|failed migration|(?:unapplied|pending) migration/i;
/** The same of access, settings, ports and members of a cluster. */
const EXPLAINS_SETTING =
  /WRONGPASS|NOAUTH|no valid providers|which is not configured|could not read (?:Username|Password)|Unauthorized|not (?:yet )?discovered|no leader|quorum|(?:cannot|failed to|unable to) join|cluster ?id\b/i;
/** A request that a server writes down: its number may stand for trouble of the client. */
const REQUEST = /"?(?:GET|HEAD|POST|PUT|DELETE|OPTIONS) \//;
/** What programs print because they are already going down. */
const CONSEQUENCE =
  /\b(?:shutting down|shutdown|exiting(?: now)?|going down|graceful(?:ly)?|stopping|stopped|terminat(?:ing|ed)|cleaning up|clean(?:ed)? up|closing|closed|cancell?ed|context canceled|exit(?:ed)? (?:status|code|with)|process (?:exited|finished|ended)|child process|giving up|aborting|startup failed|failed to start|start(?:up)? failed|bailing|bye)\b|^(?:npm (?:ERR!|error)|yarn |error Command failed|error: script|lerna ERR|make(?:\[\d+\])?: \*\*\*|Node\.js v\d|note: run with|See .{1,80} for (?:help|details|more)|A complete log of this run|For more information|core dumped)/i;
/** Waits that ran out because of something said before: they name what was waited for, not why it did not come. */
const VAGUE =
  /leader ?election lost|waiting for (?:\w{1,40} )?(?:caches? to|the condition)|caches? to (?:be )?sync|(?:command failed|^error|failed)?:? ?context (?:deadline exceeded|canceled)\.?$|^(?:\w{1,20} )?(?:unexpected )?error\.?$|unhandled (?:promise )?rejection\.?$|see (?:above|logs?|the log)/i;
/** That something could not be done, and not a word more: what was said before tells why. */
const BARE =
  /^(?:panic: |fatal: |error: )?(?:\w{1,20} )?(?:unable|could not|couldn't|failed|cannot|can't) ?(?:to )?(?:start|run|initiali[sz]e|create|set ?up|load|bootstrap|launch|build)\w{0,4}(?: [\w-]{1,30}){0,4}[.!]?$/i;
/** What is printed all day whether anything fails or not. */
const NOISE =
  /(?:GET|HEAD) \/(?:healthz?|readyz?|livez?|ready|live|ping|status|metrics|actuator)|kube-probe|(?<!chain\. )deprecat|ELB-HealthChecker|DEBUG|update available|npm notice|telemetry|overcommit_memory|Transparent Huge Pages|^\s*$|retry(?:ing)? in|will retry|reconnecting|level=debug|(?<!from )running as root|pip as the 'root'|SLF4J:|illegal reflective access|WARNING: An illegal|WARNING: All illegal|Picked up JAVA_TOOL_OPTIONS|no access logs?/i;
/** A line that is only part of a layout: banners, rulers, code excerpts, usage texts. */
const LAYOUT =
  /^[\s=*#\-_~.|+/\\^<>]*$|^\s{0,8}\^|^\s{2,}-{1,2}[\w-]{1,40}(?:[ ,=]|$)|^(?:Usage|usage|Flags|Options|Available Commands|Examples?|Global Flags):/;

/** How often a statement stands in the log, numbers aside, and how many statements follow its last. */
interface Repeats {
  readonly count: number;
  readonly lastFromEnd: number;
}

function isRepeatKey(text: string): string {
  return text.replace(/\d{1,20}/g, '#').slice(0, 160);
}

/** At least what a statement counts that a program repeats up to its end because it gets no further. */
const STUCK_SCORE = 82;

/** What the words of a statement count by themselves, wherever it stands. */
interface Wording {
  readonly score: number;
  readonly explains: boolean;
  /** A reason that a program may repeat up to its end because it gets no further. */
  readonly canBeStuck: boolean;
}

function wordingOf({ level, isCrash, message, line, texts }: Statement): Wording {
  const says = message || line;
  const isFailure = FAILED.test(says);
  let score: number;
  if (isCrash) score = level === 'fatal' ? 95 : 74;
  else if (level) score = BY_LEVEL[level];
  else score = isFailure || EXPLAINS_STATE.test(says) ? 52 : 8;
  const isReason = (text: string) => EXPLAINS.test(text) || EXPLAINS_STATE.test(text) || EXPLAINS_SETTING.test(text);
  const explains = isReason(says) || texts.some(({ text }) => text !== says && isReason(text));
  if (explains) score += level === 'info' || level === 'debug' ? 22 : 16;
  else if (level === 'info' && isFailure) score += 12;
  if (CONSEQUENCE.test(says)) score -= explains ? 6 : 40;
  if (VAGUE.test(says)) score -= 24;
  if (!explains && (level !== null || isCrash) && BARE.test(says)) score -= 36;
  if (NOISE.test(line)) score -= 30;
  if (LAYOUT.test(line)) score -= 60;
  const isTrouble = isFailure || EXPLAINS_SETTING.test(says);
  return { score, explains, canBeStuck: explains && isTrouble && level !== 'debug' && !REQUEST.test(line) };
}

/** Longer lines are looked at one by one: they are few. */
const SHARED_LINE_MAX = 400;

/**
 * Judges the wording of many statements. Lines that differ in numbers alone are judged once: a program in trouble, and a healthy one even
 * more, says the same things again and again.
 */
function wordings(): (statement: Statement) => Wording {
  const known = new Map<string, Wording>();
  return (statement) => {
    if (statement.isCrash || statement.line.length > SHARED_LINE_MAX) return wordingOf(statement);
    const key = `${statement.level ?? ''} ${statement.line.replace(/\d{1,20}/g, '#')}`;
    const shared = known.get(key) ?? wordingOf(statement);
    known.set(key, shared);
    return shared;
  };
}

function scoreOf(wording: Wording, fromEnd: number, repeats: Repeats, isLast: boolean): number {
  let { score } = wording;
  if (repeats.count > 4) score -= 4;
  score += fromEnd < 12 ? 12 : fromEnd < 60 ? 7 : fromEnd > 300 ? -25 : 0;
  if (isLast) score += 4;
  const isStuck = wording.canBeStuck && repeats.count > 2 && repeats.lastFromEnd < 4;
  return isStuck ? Math.max(score, STUCK_SCORE) : score;
}

const MOST_CANDIDATES = 160;
/** Below this a line is ordinary talk: no reason can be read from it. */
const DECISIVE_SCORE = 44;

const cache = new WeakMap<LogEvidence, readonly Candidate[]>();

/**
 * The statements that may say why the program ended, best first: crash reports and fatal lines over errors over
 * warnings, what names a reason over what only says that it failed, late over early, the first of equals.
 */
export function rankStatements(log: LogEvidence): readonly Candidate[] {
  const known = cache.get(log);
  if (known) return known;
  const statements = readStatements(log);
  const repeats = new Map<string, Repeats>();
  for (const [index, { message }] of statements.entries()) {
    const key = isRepeatKey(message);
    repeats.set(key, { count: (repeats.get(key)?.count ?? 0) + 1, lastFromEnd: statements.length - 1 - index });
  }
  const seen = new Set<string>();
  const wordingFor = wordings();
  const ranked = statements
    .map((statement, index) => ({
      statement,
      score: scoreOf(
        wordingFor(statement),
        statements.length - 1 - index,
        repeats.get(isRepeatKey(statement.message)) ?? { count: 1, lastFromEnd: 0 },
        index === statements.length - 1,
      ),
    }))
    .toSorted((a, b) => b.score - a.score || a.statement.no - b.statement.no)
    .filter(({ statement: { message, isCrash } }) => {
      const key = isRepeatKey(message);
      if (seen.has(key)) return isCrash;
      seen.add(key);
      return true;
    })
    .slice(0, MOST_CANDIDATES);
  cache.set(log, ranked);
  return ranked;
}

/** Finds the line of a log that says why the program ended, or gives null where no line says anything of the kind. */
export function findDecisiveLine(log: LogEvidence): DecisiveLine | null {
  const best = rankStatements(log)[0];
  if (!best || best.score < DECISIVE_SCORE) return null;
  const { statement } = best;
  const whole = log.lines.find((line) => line.no === statement.no)?.text ?? statement.line;
  return {
    log: log.which,
    no: statement.no,
    text: redactText(whole),
    message: redactText(statement.message),
    kind: statement.kind,
    level: statement.level,
    exceptionType: statement.exceptionType,
    frames: statement.frames,
    causes: statement.causes,
  };
}
