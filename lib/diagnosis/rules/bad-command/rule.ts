import { containerPatch, editWorkload, kubectl, rollbackStep, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { exitFact, logFact, specFact } from '@/lib/diagnosis/facts';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { matchLog, type Signature } from '@/lib/diagnosis/match-log';
import { defineRule } from '@/lib/diagnosis/rule';
import { commandWords, executableField, inCommand, runsShell } from '@/lib/diagnosis/texts/command-words';
import { mountOf } from '@/lib/diagnosis/texts/mounts';
import { matchStartError, missingExecutable } from '@/lib/diagnosis/texts/start-error';
import type { Fact, Finding, Step } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';

/** Programs that say they cannot find what the command line told them to run. The first group is its name. */
const NOT_FOUND: readonly Signature<string>[] = [
  {
    pattern:
      /(?:^|[\s/])(?:ba|da|a|z|k)?sh: (?:line )?(?:\d{1,6}: )?(?:exec: )?([^\s:]{1,300}): (?:command )?not found/,
    meaning: 'is not in the image',
  },
  {
    pattern: /(?:^|\s)\/\S{1,200}: (?:line )?\d{1,6}: (?:exec: )?([^\s:]{1,300}): (?:command )?not found/,
    meaning: 'is not in the image',
  },
  {
    pattern: /sh: (?:\d{1,4}: )?(?:can't|cannot|Can't|Cannot) open '?([^\s:']{1,300})'?/,
    meaning: 'is not in the image',
  },
  { pattern: /python[\d.]{0,5}: can't open file '([^']{1,300})'/, meaning: 'is not in the image' },
  { pattern: /Could not open input file: (\S{1,300})/, meaning: 'is not in the image' },
  { pattern: /Can't open perl script "([^"]{1,300})"/, meaning: 'is not in the image' },
  { pattern: /Cannot find module '((?:\/|\.)[^']{1,300})'/, meaning: 'is not in the image' },
  { pattern: /(?:ruby: )No such file or directory -- (\S{1,300}) \(LoadError\)/, meaning: 'is not in the image' },
  { pattern: /Unable to access jarfile (\S{1,300})/, meaning: 'is not in the image' },
  { pattern: /Could not find or load main class (\S{1,300})/, meaning: 'is no class of the image' },
  { pattern: /no main manifest attribute, in (\S{1,300})/, meaning: 'names no main class' },
  { pattern: /Missing script: "?([^\s"]{1,100})/, meaning: 'is no script of package.json' },
  { pattern: /Command "([^"]{1,100})" not found/, meaning: 'is no script of package.json' },
  {
    pattern:
      /(?:Error loading ASGI app\. )?(?:Could not import module|Attribute .{1,80} not found in module) "([^"]{1,200})"/,
    meaning: 'is no module of the image',
  },
  { pattern: /Failed to find attribute '([^']{1,100})' in/, meaning: 'is not in the module' },
  { pattern: /No module named '?([\w.]{1,200})'?(?:; '|$)/, meaning: 'is no module of the image' },
  { pattern: /The application '([^']{1,300})' does not exist/, meaning: 'is not in the image' },
  {
    pattern:
      /Could not execute because the (?:specified )?(?:application|command or file)(?: was not found|: )\s{0,3}'?([^'\s]{0,200})/,
    meaning: 'is not in the image',
  },
  { pattern: /\[FATAL tini \(\d{1,6}\)\] exec ([^\s:]{1,300}) failed: No such file/, meaning: 'is not in the image' },
  {
    pattern: /exec:? "?([^\s:"]{1,300})"?: (?:executable file not found in \$PATH|not found)/,
    meaning: 'is not in the image',
  },
  { pattern: /env: ['‘`]?([^'’`:]{1,300})['’`]?: No such file or directory/, meaning: 'is not in the image' },
];
const SHELL_SYNTAX: readonly Signature<string>[] = [
  {
    pattern:
      /(?:^|\/)(?:ba|da|a)?sh: (?:-c: )?(?:line )?\d{0,6}:? ?(syntax error.{0,200}|Syntax error: .{0,200}|unexpected EOF while.{0,100})/,
    meaning: 'cannot be parsed by the shell',
  },
];
const WORKING_DIR =
  /(?:chdir to cwd|mkdir|cwd) ?\(?"([^"]{1,300})"\)?.{0,80}(?:no such file or directory|not a directory|permission denied)/;

function showCommand(evidence: Evidence): string {
  const words = commandWords(evidence.container);
  return words.length > 0 ? JSON.stringify(words) : "(the image's own)";
}

function commandFact(evidence: Evidence): Fact {
  const field = evidence.container.command.length > 0 ? 'command' : 'args';
  return specFact(evidence, field, showCommand(evidence), 'What the pod spec runs');
}

/** A whole command line in one element is the most common slip: split at blanks it would be found. */
function splitStep(evidence: Evidence, name: string): readonly Step[] {
  const { command } = evidence.container;
  if (!/\s/.test(name) || command[0] !== name) return [];
  const words = name.trim().split(/\s+/);
  return [
    containerPatch(
      evidence,
      { command: [...words, ...command.slice(1)] },
      {
        id: 'split-command',
        title: 'Split the command into words',
        text: 'command is a list: each element is one word, and no shell splits it. As one element the whole line is taken for the name of a file.',
        done: { kind: 'container-starts' },
      },
    ),
  ];
}

function steps(evidence: Evidence, name: string): readonly Step[] {
  return [
    ...splitStep(evidence, name),
    step(
      'look-into-image',
      'Look into the image',
      'Opens a copy of the pod with a shell in place of its command, where the image has one.',
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
    ),
    step(
      'correct-command',
      'Correct command and args',
      "command replaces the image's ENTRYPOINT and drops its CMD; args replaces CMD only.",
      editWorkload(evidence),
      { kind: 'container-starts' },
    ),
    ...rollbackStep(evidence, 'The revision before could be started.'),
  ];
}

function fromStartError(evidence: Evidence): Finding | null {
  const { container } = evidence;
  const found = missingExecutable(evidence);
  if (!found) {
    const directory = matchStartError(evidence, WORKING_DIR);
    if (!directory || container.workingDir === '' || directory.error.text.includes('error mounting')) return null;
    return {
      confidence: 'certain',
      what: `working directory ${shorten(container.workingDir, 40)} is not in the image`,
      sentence: headline(
        evidence,
        'certain',
        `its working directory ${container.workingDir} is not usable`,
        'does not start',
      ),
      facts: [
        directory.error.fact,
        specFact(evidence, 'workingDir', container.workingDir, 'The working directory of the pod spec'),
      ],
      steps: steps(evidence, ''),
    };
  }
  const { name, denied, isDirectory, error } = found;
  const field = executableField(container, name);
  const covering = name.startsWith('/') ? mountOf(evidence, name) : null;
  if (field === null || (covering && !denied)) return null;
  // The runtime may name what a shebang or wrapper of the image asks for: then the spec's own word is another one.
  const isOwnWord = commandWords(container).includes(name) || container.command[0]?.endsWith(name) === true;
  if (denied && !covering && !isOwnWord) return null;
  const isPlace = isDirectory || (denied && !/\.\w{1,5}$/.test(name) && covering !== null);
  const reason = isPlace
    ? `${name} of its ${field} is a directory or not executable`
    : denied
      ? `${name} of its ${field} is not executable`
      : /\s/.test(name)
        ? `its ${field} holds a whole line in one element, "${shorten(name, 80)}", and no file has that name`
        : `${name} of its ${field} is not in the image`;
  return {
    confidence: isOwnWord ? 'certain' : 'likely',
    what: `${field}: ${shorten(name, 36)} ${denied ? 'is not executable' : isDirectory ? 'is a directory' : 'not found'}`,
    sentence: headline(evidence, isOwnWord ? 'certain' : 'likely', reason, 'does not start'),
    facts: [error.fact, specFact(evidence, field, showCommand(evidence), 'What the pod spec runs')],
    steps: steps(evidence, name),
  };
}

function fromLog(evidence: Evidence): Finding | null {
  const { container, lastTermination } = evidence;
  if (commandWords(container).length === 0) return null;
  const exit = exitFact(evidence);
  const match = matchLog(evidence, NOT_FOUND);
  if (match) {
    const name = match.groups[0] ?? '';
    const covering = name.startsWith('/') ? mountOf(evidence, name) : null;
    const bare = name.split('/').at(-1) ?? name;
    const isInSpec = inCommand(container, name) || (bare.length > 2 && inCommand(container, bare));
    if (!isInSpec || covering) return null;
    const isProven = lastTermination?.exitCode === 127 && match.position === 0 && runsShell(container);
    const confidence = isProven ? 'certain' : logConfidence(evidence, match);
    return {
      confidence,
      what: `${shorten(name, 36)} of its command ${match.meaning}`,
      sentence: headline(evidence, confidence, `${name}, which its command asks for, ${match.meaning}`),
      facts: [logFact(match.log, match.no, 'What it says'), commandFact(evidence), ...(exit ? [exit] : [])],
      steps: steps(evidence, ''),
    };
  }
  const syntax = runsShell(container) ? matchLog(evidence, SHELL_SYNTAX) : null;
  if (!syntax) return null;
  const confidence = logConfidence(evidence, syntax);
  return {
    confidence,
    what: 'the script in its command has a syntax error',
    sentence: headline(
      evidence,
      confidence,
      `the script in its command ${syntax.meaning}: ${shorten(syntax.groups[0] ?? '', 80)}`,
    ),
    facts: [logFact(syntax.log, syntax.no, 'What the shell says'), commandFact(evidence), ...(exit ? [exit] : [])],
    steps: steps(evidence, ''),
  };
}

/**
 * command, args or workingDir of the pod spec name something that the image does not hold.
 *
 * The runtime's start error proves it when its word stands in the spec. Without command and args in the spec the fault is
 * the image's (`broken-entrypoint`); where a volume covers the path, the volume hides or lacks the file (`file-missing`).
 */
export const badCommand = defineRule({
  id: 'bad-command',
  cause: 'bad-command',
  title: 'command or args of the pod spec are wrong',
  docs: 'https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/',
  doc: {
    describe:
      '`StartError`, exit 128, `exec: "x": executable file not found in $PATH`; or exit 127 where a shell runs it.',
    logs: 'None, or one line of the shell: `sh: x: not found`.',
    steps: [
      'Compare `command` and `args` with the ENTRYPOINT and CMD of the image.',
      'Give each word an element of its own; no shell splits them.',
      'Run the image with the same words on your machine.',
    ],
    prevention:
      'Leave `command` out and let the image say what it runs; start the image once in CI with the words of the manifest.',
  },
  needs: [],
  specificity: 3,
  supersedes: ['app-exception', 'missing-module'],
  detect: (evidence) => fromStartError(evidence) ?? fromLog(evidence),
});
