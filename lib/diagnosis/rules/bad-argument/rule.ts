import { command, editWorkload, kubectl, outlives, rollbackStep, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { exitFact, logFact, specFact } from '@/lib/diagnosis/facts';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { matchLog, type Signature } from '@/lib/diagnosis/match-log';
import { defineRule } from '@/lib/diagnosis/rule';
import { lastLifetime } from '@/lib/diagnosis/run-statistics';
import { commandWords, runsShell } from '@/lib/diagnosis/texts/command-words';
import type { Finding } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';

/** The first group is the flag or word, where the text names it. */
const SIGNATURES: readonly Signature<string>[] = [
  { pattern: /flag provided but not defined: (-{1,2}[\w.-]{1,100})/, meaning: 'flag' },
  { pattern: /unknown (?:shorthand )?flag:? (?:'?\w'? in )?['"`]?(-{0,2}[\w.-]{1,100})/i, meaning: 'flag' },
  {
    pattern:
      /(?:unknown|unrecognized|unrecognised|unsupported|invalid|unexpected|illegal|undefined|bad|no such) (?:command[- ]line )?(?:option|switch|flag)s?(?: is| was)?:?(?: --| -)? {0,3}['"`‘]?(-{0,2}[\w.-]{1,100})/i,
    meaning: 'flag',
    except: /(?:directive|sysctl|database|unknown option to)/i,
  },
  {
    pattern:
      /(?:unknown|unrecognized|unrecognised|unexpected|invalid|unsupported) (?:command[- ]line )?(?:argument|parameter)s?:? {0,3}['"`‘]?(-{1,2}[\w.-]{1,100})/i,
    meaning: 'flag',
  },
  { pattern: /unrecognized arguments?: (\S{1,100})/, meaning: 'argument' },
  { pattern: /(?:error|Error): (?:No such option|no such option):? (-{1,2}[\w.-]{1,100})/, meaning: 'flag' },
  { pattern: /No such (?:option|command):? ['"]?([\w.-]{1,100})/, meaning: 'flag' },
  { pattern: /(?:^|\s)(?:node|\S{1,80}\/node): bad option: (-{1,2}[\w.-]{1,100})/, meaning: 'flag' },
  { pattern: /Unrecognized (?:VM )?option[:]? '?([+-]?[\w:.-]{1,100})/, meaning: 'option of the Java machine' },
  { pattern: /(?:Unrecognized|Improperly specified) VM option '([^']{1,100})'/, meaning: 'option of the Java machine' },
  {
    pattern: /Invalid (?:maximum heap size|initial heap size|thread stack size|minimum heap size): (-X\w{1,30})/,
    meaning: 'option of the Java machine',
  },
  {
    pattern: /(?:error: |Error: )?(?:found argument|unexpected argument|Found argument) '([^']{1,100})'/,
    meaning: 'argument',
  },
  {
    pattern: /(?:unknown|invalid|unrecognized) (?:sub-?)?command:? ['"“`]?([\w.-]{1,100})/i,
    meaning: 'command',
    except: /redis|ERR unknown|SQL|sql/,
  },
  { pattern: /invalid choice: '([^']{1,100})'/, meaning: 'argument' },
  { pattern: /(?:^|\s)(?:ambiguous|invalid) option -- '?(\w)'?/, meaning: 'flag' },
  { pattern: /unknown (?:long )?(?:option|flag) ['"`](-{0,2}[\w.=-]{1,100})['"`]/i, meaning: 'flag' },
  {
    pattern:
      /(-{1,2}[\w.-]{2,100})(?: flag| option)?['"`]? (?:is|was|has been) (?:not (?:a )?(?:recognized|valid|known|supported|defined)|unknown|unrecognized|removed|no longer (?:supported|valid|available))/i,
    meaning: 'flag',
  },
  {
    pattern: /(?:unknown|unrecognized) (?:option|configuration parameter|variable|setting) '?"?(-{1,2}[\w.-]{1,100})/i,
    meaning: 'flag',
  },
  { pattern: /(?:invalid|unknown|unexpected) (?:argument|flag|option) ['"`](-{1,2}[\w.=,-]{1,100})/i, meaning: 'flag' },
  {
    pattern:
      /(?:required|missing) (?:flag|option|argument)(?:\(s\)|s)? ?(?:"|'|:|`)? ?(-{0,2}[\w.-]{1,100})?["'`]? ?(?:not set|not provided|is missing|missing|required)/i,
    meaning: 'required flag',
  },
  { pattern: /the following arguments are required: (\S{1,100})/, meaning: 'required argument' },
];

function plain(flag: string): string {
  return (
    flag
      .replace(/^-{1,2}/, '')
      .replace(/[=,.:;]{0,3}$/, '')
      .split('=')[0] ?? flag
  );
}

/** Exit codes of refused arguments: Go's flag package, argparse and getopt programs, sysexits' EX_USAGE. */
const USAGE_EXITS: ReadonlySet<number> = new Set([2, 64]);
const AT_ONCE_MS = 3_000;

/** No log is held: an end at once with the exit code of refused arguments, of a program that is given flags. Never more than possible. */
function fromExit(evidence: Evidence): Finding | null {
  const { container, lastTermination: last, log, revision } = evidence;
  const flags = commandWords(container).filter((word) => /^-{1,2}[A-Za-z]/.test(word));
  const lived = lastLifetime(evidence);
  if (log || !last || !USAGE_EXITS.has(last.exitCode) || lived === null || lived > AT_ONCE_MS) return null;
  if (flags.length === 0 || runsShell(container)) return null;
  const exit = exitFact(evidence);
  const field = container.args.length > 0 ? 'args' : 'command';
  const image = revision?.changes.find((change) => change.path.endsWith('.image'));
  return {
    confidence: 'possible',
    what: 'does not know one of its flags',
    sentence: headline(
      evidence,
      'possible',
      `it refuses one of its arguments: exit ${last.exitCode} at once is what programs do on a flag that they do not know`,
    ),
    facts: [
      specFact(evidence, field, JSON.stringify(flags), 'The flags that the pod spec passes'),
      ...(exit ? [exit] : []),
      ...(image
        ? [specFact(evidence, 'image', `${image.before} → ${image.after}`, 'The image was changed with this revision')]
        : []),
    ],
    steps: [
      step(
        'read-next-log',
        'Read the log of the next run',
        'A program that refuses a flag names it in its first line.',
        kubectl(evidence, 'logs', evidence.pod.name, '-c', container.name, '--previous'),
      ),
      step(
        'ask-image-help',
        'Ask the image which flags it knows',
        'Prints its help on your machine.',
        command('docker', 'run', '--rm', container.image, '--help'),
      ),
      ...rollbackStep(evidence, 'The revision before started with its arguments.'),
    ],
  };
}

/**
 * The program refuses a command-line flag: it does not know it, or knows it no more.
 *
 * Certain only where the flag it names stands in the pod spec. Most often an image was raised and the manifest kept a flag that
 * the new version dropped; the change of revision then tells it. Without a log the exit code makes it possible.
 */
export const badArgument = defineRule({
  id: 'bad-argument',
  cause: 'bad-argument',
  title: 'Unknown or removed command-line flag',
  docs: 'https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/',
  doc: {
    describe: '`Error` with exit 1, 2 or 64, seconds after each start.',
    logs: '`unknown flag`, `flag provided but not defined`, `unrecognized option`, often with the usage text after it.',
    steps: [
      'Take the flag that it names out of `args`, or replace it by its successor.',
      'Read the release notes where the image was raised.',
      'Ask the image: run it with `--help`.',
    ],
    prevention:
      'Raise image and arguments together, and start the new image once in CI with the arguments of the manifest.',
  },
  needs: [],
  specificity: 3,
  supersedes: ['app-exception'],
  detect: (evidence) => {
    const match = matchLog(evidence, SIGNATURES);
    if (!match) return fromExit(evidence);
    const { container, lastTermination, revision } = evidence;
    const flag = match.groups.find((group) => group !== '') ?? '';
    const words = commandWords(container);
    const bare = plain(flag);
    const isRequired = match.meaning.startsWith('required');
    const isInSpec =
      !isRequired && bare !== '' && words.some((word) => word.split(/[\s"',]+/).some((part) => plain(part) === bare));
    const isProven = isInSpec && match.position < 3 && lastTermination !== undefined && lastTermination.exitCode !== 0;
    const confidence = isProven ? 'certain' : logConfidence(evidence, match);
    const exit = exitFact(evidence);
    const image = revision?.changes.find((change) => change.path.endsWith('.image'));
    const shown = flag ? `${match.meaning} ${shorten(flag, 40)}` : match.meaning;
    return {
      confidence,
      what: isRequired ? `${shown} is not given` : `${shown} is not known to it`,
      sentence: headline(
        evidence,
        confidence,
        isRequired ? `the ${shown} is not given` : `it does not know the ${shown}`,
      ),
      facts: [
        logFact(match.log, match.no, 'What it says of its arguments'),
        ...(isInSpec
          ? [
              specFact(
                evidence,
                container.args.length > 0 ? 'args' : 'command',
                JSON.stringify(words),
                'What the pod spec passes',
              ),
            ]
          : []),
        ...(image
          ? [
              specFact(
                evidence,
                'image',
                `${image.before} → ${image.after}`,
                'The image was changed with this revision',
              ),
            ]
          : []),
        ...(exit ? [exit] : []),
      ],
      steps: [
        step(
          'correct-argument',
          isRequired ? 'Pass what it asks for' : 'Take the flag out',
          isRequired
            ? 'Opens the workload; add it to args.'
            : `Opens the workload; remove ${flag || 'it'} from args, or put its successor there.`,
          editWorkload(evidence),
          outlives(evidence),
        ),
        step(
          'ask-image-help',
          'Ask the image which flags it knows',
          'Prints its help on your machine.',
          command('docker', 'run', '--rm', container.image, '--help'),
        ),
        ...rollbackStep(
          evidence,
          image
            ? `The image before, ${shorten(image.before, 60)}, knew it.`
            : 'The revision before started with its arguments.',
        ),
      ],
    };
  },
});
