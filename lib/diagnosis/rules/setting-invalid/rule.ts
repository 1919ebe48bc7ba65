import {
  containerPatch,
  editObject,
  editWorkload,
  kubectl,
  listVariables,
  outlives,
  rollbackStep,
  step,
} from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { exitFact, fieldFact, logFact, specFact, specPath } from '@/lib/diagnosis/facts';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { type LogMatch, matchLog } from '@/lib/diagnosis/match-log';
import { defineRule } from '@/lib/diagnosis/rule';
import { lastLifetime } from '@/lib/diagnosis/run-statistics';
import { commandWords } from '@/lib/diagnosis/texts/command-words';
import type { Confidence, Fact } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';
import { type Meaning, SIGNATURES } from './signatures';

/** A wrong setting shows at the start; what is called invalid later on is more likely data. */
const START_MS = 120_000;
/** Words too common to be found in a spec by chance. */
const COMMON =
  /^(?:true|false|null|none|yes|no|on|off|default|value|type|name|port|host|url|level|mode|config|option|setting|string|number|\d{1,2})$/i;

interface Setting {
  readonly fact: Fact;
  /** Name of the variable, empty for arguments and ConfigMap keys. */
  readonly variable: string;
  readonly configMap: string;
}

function inVariables({ container }: Evidence, words: readonly string[]): Setting | null {
  for (const { name, value, from } of container.env) {
    const isMeant = words.some(
      (word) =>
        word === name ||
        (value !== null && value !== '' && (word === value || (word.length > 5 && value.includes(word)))),
    );
    if (!isMeant) continue;
    const shown = from ? `from ${from.kind} ${from.name}, key ${from.key}` : (value ?? '');
    return {
      fact: fieldFact(`${specPath(container, 'env')}[${name}]`, shown, 'Where it is set'),
      variable: name,
      configMap: '',
    };
  }
  return null;
}

function inArguments(evidence: Evidence, words: readonly string[]): Setting | null {
  const { container } = evidence;
  const bare = words.map((word) => word.replace(/^-{1,2}/, ''));
  const found = commandWords(container).find((one) =>
    bare.some(
      (word) =>
        one === word ||
        one
          .replace(/^-{1,2}/, '')
          .split('=')
          .includes(word) ||
        (word.length > 5 && one.length < 400 && one.includes(word)),
    ),
  );
  if (found === undefined) return null;
  const field = container.args.includes(found) ? 'args' : 'command';
  return { fact: specFact(evidence, field, shorten(found, 200), 'Where it is set'), variable: '', configMap: '' };
}

function inConfigMaps({ references }: Evidence, words: readonly string[]): Setting | null {
  for (const object of references ?? []) {
    if (object.kind !== 'ConfigMap') continue;
    for (const [key, text] of Object.entries(object.data ?? {})) {
      const word = words.find((one) => one.length > 3 && (one === key || text.includes(one)));
      if (word === undefined) continue;
      const line = text.split('\n').find((one) => one.includes(word)) ?? text;
      const at = `configmap/${object.name}[${key}]`;
      return { fact: fieldFact(at, shorten(line, 200), 'Where it is set'), variable: '', configMap: object.name };
    }
  }
  return null;
}

/** The place in the pod spec or a ConfigMap that sets what the text names. */
function settingOf(evidence: Evidence, match: LogMatch<Meaning>): Setting | null {
  const words = match.groups.filter((word) => word.length > 1 && !COMMON.test(word));
  if (words.length === 0) return null;
  return inVariables(evidence, words) ?? inArguments(evidence, words) ?? inConfigMaps(evidence, words);
}

/** A batch job reads records, and settings are seldom fractions: a number that cannot be read there is data sooner than a setting. */
function isMoreLikeData({ workload }: Evidence, match: LogMatch<Meaning>): boolean {
  return workload.kind === 'Job' || workload.kind === 'CronJob' || /to float\b|Float|float/.test(match.text);
}

/** Words of a program that reads its settings. */
const READS_SETTINGS =
  /environ|getenv|\benv\b|[Ss]ettings?\b|[Cc]onfig|\boptions?\b|\bflags?\b|[Pp]ropert(?:y|ies)|[Pp]arameter|\bport\b|timeout|duration|interval|\b[A-Z]{2,20}_[A-Z]{2,20}/;

function isOfSettings(match: LogMatch<Meaning>): boolean {
  const { statement } = match;
  return [statement.line, ...statement.texts.map((one) => one.text), ...statement.frames].some((text) =>
    READS_SETTINGS.test(text.slice(0, 1000)),
  );
}

const LOOSE: Readonly<Record<Meaning, string>> = {
  value: 'a setting has a value that it cannot have',
  number: 'a setting is not the number that it must be',
  address: 'an address or URL is not well formed',
  conflict: 'two settings exclude each other',
  scheme: 'one side speaks TLS and the other does not',
  loop: 'DNS queries are forwarded back to itself',
  absent: 'what it is told to use does not exist there',
  proxy: 'the proxy that it is told to go through does not resolve',
  loose: 'its configuration is not valid',
};

function wordsOf(match: LogMatch<Meaning>): { readonly what: string; readonly reason: string } {
  const { meaning } = match;
  const named = match.groups.filter((one) => one.length > 1);
  const said = match.statement.message.replace(/[.\s]{1,4}$/, '').replace(/^(?:LOG|FATAL|ERROR|[Ee]rror): {1,2}/, '');
  const isAboutValue = meaning === 'value' || meaning === 'number' || meaning === 'absent';
  if (!isAboutValue || named.length === 0)
    return { what: LOOSE[meaning], reason: `${LOOSE[meaning]}: ${shorten(said, 120)}` };
  const [first = '', second = ''] = named;
  if (meaning === 'absent')
    return {
      what: shorten(`${first} does not exist there`, 60),
      reason: `${shorten(first, 60)}, which it is told to use, does not exist`,
    };
  if (meaning === 'number')
    return {
      what: shorten(`${first} is not the number that a setting must be`, 60),
      reason: `a setting is "${shorten(first, 60)}", which is not what it must be`,
    };
  return second === ''
    ? {
        what: shorten(`setting ${first} is invalid`, 60),
        reason: `the setting ${shorten(first, 80)} is invalid: ${shorten(said, 110)}`,
      }
    : {
        what: shorten(`invalid setting: ${first}, ${second}`, 60),
        reason: `the setting is invalid: ${shorten(said, 120)}`,
      };
}

/**
 * A setting has a value that it cannot have, or settings contradict each other; the file they stand in can be read.
 *
 * The program's check of its settings says so at the start. Certain where the value it names stands in the pod spec. A file
 * that cannot be parsed is `config-syntax`, a variable that is not there `env-missing`, a flag that is not known `bad-argument`, a
 * number that is `tcp://…` `service-link-env`.
 */
export const settingInvalid = defineRule({
  id: 'setting-invalid',
  cause: 'setting-invalid',
  title: 'A setting has a wrong or contradictory value',
  docs: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/',
  doc: {
    describe: '`Error` with exit 1 or 2, within seconds of each start.',
    logs: '`invalid value for parameter`, `must be one of`, `invalid syntax`, `unsupported protocol scheme`, `loop detected`.',
    steps: [
      'Find where the value is set: variable, argument or ConfigMap.',
      'Set one that the program allows; its message or manual lists them.',
      'Where it began with a revision, compare with the one before.',
    ],
    prevention: 'Let CI start the program, or its configuration check, with the settings of each environment.',
  },
  needs: ['log'],
  specificity: 3,
  supersedes: ['app-exception'],
  detect: (evidence) => {
    const match = matchLog(evidence, SIGNATURES);
    if (!match || evidence.lastTermination?.reason === 'OOMKilled') return null;
    const { meaning } = match;
    const isOwn = evidence.container.env.some((one) => one.value?.includes('tcp://'));
    // A Service's variable: `service-link-env` knows which.
    if (/tcp:\/\/[\d.]{7,15}:\d/.test(match.text) && evidence.pod.enableServiceLinks && !isOwn) return null;
    const setting = settingOf(evidence, match);
    if (meaning === 'number' && setting === null && isMoreLikeData(evidence, match) && !isOfSettings(match))
      return null;
    const loose = logConfidence(evidence, match);
    const code = evidence.lastTermination?.exitCode ?? 0;
    const isLate = (lastLifetime(evidence) ?? 0) > START_MS;
    let confidence: Confidence = loose;
    if (
      meaning === 'value' &&
      setting?.configMap === '' &&
      loose === 'likely' &&
      match.position === 0 &&
      code !== 0 &&
      !isLate
    )
      confidence = 'certain';
    else if (meaning !== 'value' && setting === null && (isLate || match.position > 8)) confidence = 'possible';
    const { what, reason } = wordsOf(match);
    const changed = evidence.revision?.changes.find(
      (change) => setting?.variable !== '' && change.path.includes(`env[${setting?.variable ?? ''}]`),
    );
    const exit = exitFact(evidence);
    return {
      confidence,
      what,
      sentence: headline(evidence, confidence, reason),
      facts: [
        logFact(match.log, match.no, 'What it says of the setting'),
        ...(setting ? [setting.fact] : []),
        ...(changed
          ? [
              specFact(
                evidence,
                `env[${setting?.variable ?? ''}]`,
                shorten(`${changed.before} → ${changed.after}`, 160),
                'It was changed with this revision',
              ),
            ]
          : []),
        ...(exit ? [exit] : []),
      ],
      steps: [
        meaning === 'loop'
          ? step(
              'see-dns-config',
              'See what its pods forward to',
              "The node's resolv.conf names a resolver on the node itself (127.0.0.53): forward to the real servers, or point the kubelet's resolvConf at the file that lists them.",
              kubectl(evidence, 'get', 'configmap', 'coredns', '-o', 'yaml'),
            )
          : setting?.configMap
            ? step(
                'correct-config',
                `Correct it in ConfigMap ${setting.configMap}`,
                'Where a chart or an operator writes the ConfigMap, correct its values instead; then restart the workload.',
                editObject(evidence, 'ConfigMap', setting.configMap),
                outlives(evidence),
              )
            : setting?.variable
              ? containerPatch(
                  evidence,
                  { env: [{ name: setting.variable, value: 'VALUE' }] },
                  {
                    id: 'set-variable',
                    title: `Set ${setting.variable} to a value that is allowed`,
                    text: 'Put it in place of VALUE; the message or the manual of the program lists what is allowed.',
                    done: outlives(evidence),
                  },
                  ['VALUE'],
                )
              : step(
                  'correct-setting',
                  'Correct the setting where it is kept',
                  'In arguments, variables or a ConfigMap of the pod template.',
                  editWorkload(evidence),
                  outlives(evidence),
                ),
        step(
          'list-variables',
          'List what it is given',
          'Variables with their sources; a value with quotes, blanks or another unit stands out here.',
          listVariables(evidence),
        ),
        ...rollbackStep(evidence, 'The revision before started with its settings.'),
      ],
    };
  },
});
