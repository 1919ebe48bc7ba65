import { containerPatch, listVariables, outlives, rollbackStep, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { exitFact, fieldFact, logFact, specFact, specPath } from '@/lib/diagnosis/facts';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { type LogMatch, matchLog, type Signature } from '@/lib/diagnosis/match-log';
import { defineRule } from '@/lib/diagnosis/rule';
import type { Confidence, Fact } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';

const NAME = '([A-Z][A-Z0-9]{0,40}(?:_[A-Z0-9]{1,40}){1,10}|[A-Z][A-Z0-9]{2,40})';
const Q = '[`\'"$‘’“”{}()\\[\\]<>*]{0,3}';
const ABSENT =
  '(?:not (?:be )?(?:set|found|defined|provided|specified|present|configured|exported|given|available|empty|blank|null)|[Uu]nset|[Uu]ndefined|[Mm]issing|[Rr]equired|empty|blank|must be (?:set|provided|specified|defined|given|configured|non-?empty|supplied)|needs? to be set|should be set|has no value|does not exist|unavailable|mandatory|absent)';
const re = (source: string, flags = ''): RegExp => new RegExp(source, flags);

interface Meaning {
  /** How sure the text alone is that an environment variable is meant. */
  readonly isNamed: boolean;
}
const NAMED: Meaning = { isNamed: true };
const LOOSE: Meaning = { isNamed: false };
/** Words in capitals that are no variables. */
const NO_VARIABLE =
  /^(?:ERROR|FATAL|WARN|WARNING|INFO|DEBUG|CRITICAL|PANIC|JSON|YAML|XML|HTTP|HTTPS|URL|URI|API|CRD|TLS|SSL|SQL|TCP|UDP|DNS|IP|ID|EOF|PEM|RSA|JWT|AWS|GCP|EXCEPTION|NULL|NOT|NO|THE|AND|FILE|PATH|CONFIG|CA|DB|OK|CMD|RBAC|ARG|ENV|UTC|VM|JVM|PID|UID|GID|GET|POST|PUT|SELECT|INSERT|TABLE|STDIN|STDERR|ENOENT|EACCES|ECONNREFUSED|ENOTFOUND|ETIMEDOUT|EADDRINUSE|EPERM|EROFS|ENOSPC|EMFILE|E[A-Z]{4,12}|ERR_\w+|CAP_[A-Z_]+|P\d{4}|AH\d+)$/;

const SIGNATURES: readonly Signature<Meaning>[] = [
  { pattern: re(`KeyError: '${NAME}'`), meaning: NAMED },
  { pattern: re(`key not found: "${NAME}"`), meaning: NAMED },
  {
    pattern: re(
      `(?:[Ee]nvironment [Vv]ariables?|[Ee]nv(?:ironment)? [Vv]ars?|ENV(?: [Vv]ar(?:iable)?)?|[Ee]nv [Vv]ariables?|envvars?|[Vv]ariables?)[^A-Z\\n]{0,60}?${Q}${NAME}${Q}[^.;\\n]{0,50}?\\b${ABSENT}`,
    ),
    meaning: NAMED,
  },
  {
    pattern: re(
      `${Q}${NAME}${Q}(?:,| and| or)?[^.;\\n]{0,40}?(?:environment|env) ?var(?:iable)?s?[^.;\\n]{0,40}?\\b${ABSENT}`,
    ),
    meaning: NAMED,
  },
  {
    pattern: re(
      `(?:${ABSENT}|[Mm]issing|[Rr]equired|[Uu]nset)[^.;\\n]{0,40}?(?:[Ee]nvironment|[Ee]nv|ENV) ?[Vv]ar(?:iable)?s?(?:\\(s\\))?[^A-Z\\n]{0,30}?${Q}${NAME}`,
    ),
    meaning: NAMED,
  },
  {
    pattern: re(
      `(?:missing|required|undefined|unset|must set|must specify|need to (?:set|specify)|please (?:set|provide|specify|define|export)|[Ss]et the|provide the|specify (?:one of )?|expected|no value for)[^A-Z\\n]{0,40}?${Q}${NAME}${Q}[^\\n]{0,60}?(?:env|environment|variable)`,
    ),
    meaning: NAMED,
  },
  { pattern: re(`required key ${NAME} missing value`), meaning: NAMED },
  {
    pattern: re(
      `(?:^|[\\s:])${NAME}: (?:parameter (?:not set|null or not set)|unbound variable|parameter null|(?:must be|is not|not) (?:set|provided|defined|given))`,
    ),
    meaning: NAMED,
  },
  { pattern: /[Ee]nvironment variable (?:resolved to|is|was) an empty string/, meaning: LOOSE },
  { pattern: re(`could not fetch environment variable "${NAME}"`), meaning: NAMED },
  {
    pattern: re(`(?:[Ee]nvironment variable|[Ee]nv var) (?:not found|not set|missing)[:=]? ${Q}${NAME}`),
    meaning: NAMED,
  },
  {
    pattern: re(
      `${Q}${NAME}${Q} (?:environment variable |env var |env |variable )?(?:is|are|was|were|has|have|must|cannot|can't|can not|may not|should|needs?)[^.;\\n]{0,24}?\\b${ABSENT}`,
    ),
    meaning: LOOSE,
  },
  {
    pattern: re(
      `${Q}${NAME}${Q}:? (?:environment variable )?(?:not set|not defined|not provided|not specified|unset|undefined|missing|required|is required)\\b`,
    ),
    meaning: LOOSE,
  },
  {
    pattern: re(
      `(?:[Mm]issing|[Rr]equired|[Uu]ndefined|[Uu]nset|[Mm]ust set|[Nn]eed to (?:set|specify)|[Pp]lease (?:set|provide|specify|define|export)|[Yy]ou must (?:set|provide|specify|define))[^A-Z\\n]{0,40}?${Q}${NAME}`,
    ),
    meaning: LOOSE,
  },
  {
    pattern: re(
      `${Q}${NAME}${Q} (?:environment variable |env var |env |variable )?(?:must|needs? to|has to|should) (?:not )?be (?:set|provided|specified|defined|given|configured|non-?empty|supplied|empty|blank|exported)`,
    ),
    meaning: LOOSE,
  },
  { pattern: re(`${NAME} not found\\b[^\\n]{0,60}?(?:envvar|environment|env var)`), meaning: NAMED },
  { pattern: /Could not resolve placeholder '([\w.\-[\]]{1,120})'/, meaning: NAMED },
  { pattern: /superuser password is not specified/, meaning: NAMED },
  { pattern: /password option is not specified/, meaning: NAMED },
  { pattern: /Missing [`'"]?(secret_key_base)[`'"]?/, meaning: NAMED },
  { pattern: /No application encryption key has been specified/, meaning: NAMED },
  { pattern: /The (SECRET_KEY) setting must not be empty/, meaning: LOOSE },
  {
    pattern: /NoRegionError|MissingRegion|[Cc]ould not find region configuration|Missing region in config/,
    meaning: LOOSE,
  },
  { pattern: /environment variable not found|VarError: NotPresent|an `Err` value: NotPresent/, meaning: NAMED },
  { pattern: /validation errors? for \w{0,60}(?:Settings|Config|Env|Environment)\b/, meaning: NAMED },
  { pattern: /ZodError: \[/, meaning: NAMED },
];

/** Where the text speaks of a setting, a file may hold it as well. */
const SETTING = /\b(?:setting|option|parameter|config(?:uration)?|property)s?\b/i;

/** Names that the text implies without naming: images and frameworks that are set up by exactly one variable. */
const IMPLIED: readonly (readonly [RegExp, string])[] = [
  [/superuser password is not specified/, 'POSTGRES_PASSWORD'],
  [/password option is not specified/, 'MYSQL_ROOT_PASSWORD'],
  [/secret_key_base/, 'SECRET_KEY_BASE'],
  [/No application encryption key/, 'APP_KEY'],
  // The AWS SDKs' own texts, and the variable that all of them read.
  [/NoRegionError|MissingRegion|region configuration|Missing region/, 'AWS_REGION'],
];

/** A report of zod, which lists its issues as JSON over many lines. */
const ZOD = /ZodError: \[/;

/** The variable that such a report finds absent, or empty: only a path in capitals is one of the environment. */
function zodPath(report: string): string {
  if (!/"received": ?"undefined"|received undefined|"message": ?"Required"/.test(report)) return '';
  return /"path": ?\[\s{0,20}"([A-Z][A-Z0-9_]{2,80})"/.exec(report)?.[1] ?? '';
}

function variableOf(groups: readonly string[], text: string, after: string): string {
  const named = groups.find((group) => group !== '' && !NO_VARIABLE.test(group));
  if (named) return named === 'secret_key_base' ? 'SECRET_KEY_BASE' : named;
  const implied = IMPLIED.find(([pattern]) => pattern.test(text))?.[1];
  if (implied) return implied;
  return /^\s{0,4}([A-Za-z]\w{1,60})$/.exec(after)?.[1]?.toUpperCase() ?? '';
}

/** The lines after a match: a validation report names the field and what is wrong with it there. */
function following({ log, no }: LogMatch<Meaning>, lines = 4): string {
  const from = log.lines.findIndex((line) => line.no === no);
  return log.lines
    .slice(from, from + lines)
    .map((line) => line.text)
    .join('\n');
}

interface Presence {
  readonly state: 'absent' | 'empty' | 'present' | 'elsewhere';
  readonly fact: Fact;
}

/** Whether the pod spec gives the variable: absent for sure only where no unread object could bring it. */
function presence(evidence: Evidence, name: string): Presence {
  const { container, references } = evidence;
  const env = container.env.find((one) => one.name === name);
  const path = specPath(container, 'env');
  if (env?.from?.optional) {
    const { kind, name: object, key } = env.from;
    const keys = references?.find((one) => one.kind === kind && one.name === object)?.keys ?? null;
    // An optional reference to a key that is not there starts the container without the variable.
    if (!keys?.includes(key)) {
      const said = `${kind} ${object}, key ${key}, optional`;
      const text = keys
        ? 'It comes from an optional key that is not there'
        : 'It comes from an optional key that was not read';
      return { state: keys ? 'absent' : 'elsewhere', fact: fieldFact(`${path}[${name}]`, said, text) };
    }
  }
  if (env) {
    const state = env.from ? 'present' : env.value === '' ? 'empty' : 'present';
    const value = env.from
      ? `from ${env.from.kind} ${env.from.name}`
      : state === 'empty'
        ? '(empty)'
        : (env.value ?? '');
    return {
      state,
      fact: fieldFact(`${path}[${name}]`, value, state === 'empty' ? 'It is set to nothing' : 'It is set'),
    };
  }
  const bringers = container.envFrom.map((from) => ({
    from,
    keys: references?.find((one) => one.kind === from.kind && one.name === from.name)?.keys ?? null,
  }));
  const holder = bringers.find(({ from, keys }) => keys?.some((key) => `${from.prefix}${key}` === name));
  if (holder)
    return {
      state: 'present',
      fact: fieldFact(specPath(container, 'envFrom'), `${holder.from.kind} ${holder.from.name}`, 'It comes from there'),
    };
  const listed = container.env.map((one) => one.name).join(', ') || '(none)';
  const hasUnread = bringers.some(({ keys, from }) => keys === null && !from.optional);
  return {
    state: hasUnread ? 'elsewhere' : 'absent',
    fact: fieldFact(
      path,
      shorten(listed, 300),
      hasUnread
        ? 'The variables that the spec lists; more come from objects that were not read'
        : 'The variables that the spec gives',
    ),
  };
}

/**
 * The program demands an environment variable that it does not get.
 *
 * Certain where the log names the variable and the pod spec, with all that it draws in, does not give it; an empty value
 * counts as missing. A variable that is given belongs to `setting-invalid`; a reference to an absent object never starts
 * (`config-ref-missing`).
 */
export const envMissing = defineRule({
  id: 'env-missing',
  cause: 'env-missing',
  title: 'Required environment variable missing',
  docs: 'https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/',
  doc: {
    describe: '`Error` with exit 1, seconds after each start; the variable is not under `Environment`.',
    logs: "`X is required`, `KeyError: 'X'`, `X: unbound variable`, `Could not resolve placeholder`.",
    steps: [
      'List what the workload sets (`kubectl set env --list`).',
      'Set the variable, or draw it in from a ConfigMap or Secret.',
      'Where it was there before, look at what the last revision took away.',
    ],
    prevention:
      'Let the program check all its settings at start and name every missing one; test the manifest in CI with the same check.',
  },
  needs: ['log'],
  specificity: 3,
  supersedes: ['app-exception'],
  detect: (evidence) => {
    const match = matchLog(evidence, SIGNATURES);
    if (!match) return null;
    const at = match.log.lines.findIndex((line) => line.no === match.no);
    const after = match.log.lines[at + 1]?.text ?? '';
    const name = ZOD.test(match.text) ? zodPath(following(match, 14)) : variableOf(match.groups, match.text, after);
    const isReport = /validation errors? for/.test(match.text);
    if (isReport && !/\b(?:[Ff]ield required|value_error\.missing|type=missing)/.test(following(match))) return null;
    // Every container has the variables of the API server's Service: what misses them lost its whole environment on the way.
    if (/^KUBERNETES_SERVICE_/.test(name)) return null;
    if (name === '' && !/environment variable|NotPresent|Settings/.test(match.text)) return null;
    if (NO_VARIABLE.test(name) || (!match.meaning.isNamed && !name.includes('_'))) return null;
    const isVariable = /^[A-Z][A-Z0-9_]*$/.test(name);
    const found = isVariable ? presence(evidence, name) : null;
    const loose = logConfidence(evidence, match);
    const code = evidence.lastTermination?.exitCode;
    let confidence: Confidence = loose;
    if (found?.state === 'present') confidence = 'possible';
    else if (found && match.position < 3 && code !== 0 && loose === 'likely' && found.state !== 'elsewhere') {
      confidence = match.meaning.isNamed || (name.includes('_') && !SETTING.test(match.text)) ? 'certain' : 'likely';
    }
    const isEmpty = found?.state === 'empty';
    const shown = name === '' ? 'a variable that it needs' : name;
    const removed = evidence.revision?.changes.find(
      (change) => change.path.includes(`env[${name}]`) && change.after === '',
    );
    const exit = exitFact(evidence);
    return {
      confidence,
      what: isEmpty ? `${shorten(shown, 48)} is empty` : `${shorten(shown, 48)} is not set`,
      sentence: headline(evidence, confidence, isEmpty ? `${shown} is set to nothing` : `${shown} is not set`),
      facts: [
        logFact(match.log, match.no, 'What it asks for'),
        ...(found ? [found.fact] : []),
        ...(removed
          ? [specFact(evidence, `env[${name}]`, shorten(removed.before, 80), 'The revision before had it')]
          : []),
        ...(exit ? [exit] : []),
      ],
      steps: [
        containerPatch(
          evidence,
          { env: [{ name: isVariable ? name : 'NAME', value: 'VALUE' }] },
          {
            id: 'set-variable',
            title: `Set ${isVariable ? name : 'the variable'}`,
            text: 'Put the value in place of VALUE; a credential belongs into a Secret: `--from=secret/NAME`.',
            done: outlives(evidence),
          },
          isVariable ? ['VALUE'] : ['NAME', 'VALUE'],
        ),
        step(
          'list-variables',
          'List what it gets now',
          'A name spelt otherwise stands out here.',
          listVariables(evidence),
        ),
        ...rollbackStep(
          evidence,
          removed ? `The revision before had ${name}.` : 'The revision before started with its variables.',
        ),
      ],
    };
  },
});
