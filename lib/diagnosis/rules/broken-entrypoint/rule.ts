import { command, containerPatch, rollbackStep, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { exitFact, logFact, specFact } from '@/lib/diagnosis/facts';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { matchLog, type Signature } from '@/lib/diagnosis/match-log';
import { defineRule } from '@/lib/diagnosis/rule';
import type { DoneCondition } from '@/lib/diagnosis/steps/condition';
import { commandWords, executableField, inCommand, isBasicTool } from '@/lib/diagnosis/texts/command-words';
import { mountOf } from '@/lib/diagnosis/texts/mounts';
import { runsElsewhere } from '@/lib/diagnosis/texts/same-image';
import { missingExecutable } from '@/lib/diagnosis/texts/start-error';
import type { Confidence, Fact, Finding, Step } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';

/**
 * `crlf`: line ends of Windows. `interpreter`: the file is there and what its first line or loader asks for is not. `mode`: no
 * execute bit. `absent`: the file that the image starts with is not in it. `tool`: its script calls a program that is not there.
 */
type Fault = 'crlf' | 'interpreter' | 'mode' | 'absent' | 'tool';

/** The first group names the file. */
const SIGNATURES: readonly Signature<Fault>[] = [
  { pattern: /([^\s:]{0,200})(?:\^M|\\r|\r): bad interpreter/, meaning: 'crlf' },
  { pattern: /env: [‘'"`]?([\w./-]{1,60})(?:\\r|\r|\^M|\?)[’'"`]?: No such file/, meaning: 'crlf' },
  { pattern: /([\w./-]{1,200}):(?: line)? \d{1,5}: (?:\$'\\r'|\r|\\r): (?:command )?not found/, meaning: 'crlf' },
  { pattern: /unexpected token `\$'[^'\n]{0,40}\\r'/, meaning: 'crlf' },
  {
    pattern: /set: Illegal option -\s{0,2}$|invalid option name(?:: |\s).{0,20}(?:\\r|\r)|: invalid option\s{0,2}\r$/,
    meaning: 'crlf',
  },
  {
    pattern: /exec container process \(missing dynamic library\?\) `?([^\s`]{1,300})`?: No such file/,
    meaning: 'interpreter',
  },
  {
    pattern: /exec (?:user process caused:? ?"?|container process )`?([^\s`:"]{0,300})`?:? ?no such file or directory/i,
    meaning: 'interpreter',
  },
  {
    pattern: /exec (?:user process caused:? ?"?|container process )`?([^\s`:"]{0,300})`?:? ?permission denied/i,
    meaning: 'mode',
  },
  { pattern: /^(?:\[.{0,30}\] )?exec ([^\s:]{1,300}): no such file or directory/i, meaning: 'interpreter' },
  { pattern: /^(?:\[.{0,30}\] )?exec ([^\s:]{1,300}): permission denied/i, meaning: 'mode' },
  { pattern: /\[FATAL tini \(\d{1,6}\)\] exec ([^\s:]{1,300}) failed: No such file/, meaning: 'interpreter' },
  { pattern: /\[FATAL tini \(\d{1,6}\)\] exec ([^\s:]{1,300}) failed: Permission denied/, meaning: 'mode' },
  { pattern: /\[dumb-init\] ([^\s:]{1,300}): No such file/, meaning: 'absent' },
  { pattern: /\[dumb-init\] ([^\s:]{1,300}): Permission denied/, meaning: 'mode' },
  { pattern: /([^\s:]{1,200}): [^\s:]{1,100}: bad interpreter: No such file/, meaning: 'interpreter' },
  { pattern: /(?:^|[\s/])env: (?:can't execute )?[‘'"`]?([\w./-]{1,100})[’'"`]?: No such file/, meaning: 'tool' },
  {
    pattern: /(?:ba|da|a|z|k)?sh: (?:\d{1,4}: )?(?:can't|cannot|Can't|Cannot) open '?([^\s:']{1,300})'?/,
    meaning: 'absent',
  },
  {
    pattern:
      /(?:ba|da|a|z|k)?sh: (?:line )?(?:\d{1,4}: )?(?:exec: )?(\.{0,2}\/[^\s:]{1,300}): (?:[Pp]ermission denied|cannot execute: Permission denied)/,
    meaning: 'mode',
  },
  {
    pattern:
      /(?:ba|da|a|z|k)?sh: (?:line )?(?:\d{1,4}: )?(?:exec: )?(\.{0,2}\/[^\s:]{1,300}): (?:not found|No such file or directory)/,
    meaning: 'absent',
  },
  {
    pattern:
      /^(?:\S{0,200}(?:entrypoint|start|run|init|docker)\S{0,60}|\/\S{1,200}\.sh): (?:line )?(?:\d{1,5}: )?(?:exec: )?(?:line \d{1,5}: )?([\w.+-]{1,100}): (?:command )?not found/,
    meaning: 'tool',
  },
  { pattern: /exec: line \d{1,5}: ([^\s:]{1,200}): (?:command )?not found/, meaning: 'tool' },
  {
    pattern: /(?:ba|da|a|z|k)?sh: (?:line )?(?:\d{1,4}: )?(?:exec: )?([\w.+-]{1,100}): (?:command )?not found/,
    meaning: 'tool',
  },
  { pattern: /python[\d.]{0,5}: can't open file '([^']{1,300})'/, meaning: 'absent' },
  {
    pattern: /Cannot find module '(\/[^']{1,300})'(?![^\n]{0,200}imported from)/,
    meaning: 'absent',
    except: /node_modules/,
  },
  {
    pattern:
      /Error loading ASGI app\. (?:Could not import module|Attribute .{1,80} not found in module) "([^"]{1,200})"/,
    meaning: 'absent',
  },
  { pattern: /Unable to access jarfile (\S{1,300})/, meaning: 'absent' },
  { pattern: /no main manifest attribute, in (\S{1,300})/, meaning: 'absent' },
  { pattern: /Could not open input file: (\S{1,300})/, meaning: 'absent' },
  { pattern: /ruby: No such file or directory -- (\S{1,300}) \(LoadError\)/, meaning: 'absent' },
  { pattern: /Can't open perl script "([^"]{1,300})"/, meaning: 'absent' },
  { pattern: /Missing script: "?([^\s"]{1,100})/, meaning: 'absent' },
  { pattern: /The application '([^']{1,300})' does not exist/, meaning: 'absent' },
];

const WHY: Readonly<Record<Fault, (name: string) => string>> = {
  crlf: (name) =>
    `${name} has line ends of Windows (CRLF), so the name of its interpreter ends in an invisible character`,
  interpreter: (name) =>
    `${name} is in the image, and the interpreter of its first line or the loader of its binary is not; CRLF line ends look the same`,
  mode: (name) => `${name} in the image is not executable`,
  absent: (name) => `${name}, which the image starts with, is not in it`,
  tool: (name) => `its start script calls ${name}, which is not in the image`,
};
const WHAT: Readonly<Record<Fault, (name: string) => string>> = {
  crlf: (name) => `${name} of the image has CRLF line ends`,
  interpreter: (name) => `interpreter of ${name} is not in the image`,
  mode: (name) => `${name} of the image is not executable`,
  absent: (name) => `entrypoint ${name} is not in the image`,
  tool: (name) => `${name}, called at the start, is not in the image`,
};

function commandFact(evidence: Evidence): Fact {
  const words = commandWords(evidence.container);
  return specFact(
    evidence,
    'command',
    words.length > 0 ? JSON.stringify(words) : '(not set: the image decides)',
    'What the pod spec runs',
  );
}

function steps(evidence: Evidence, fault: Fault, name: string): readonly Step[] {
  const { container } = evidence;
  const isPath = /^\.{0,2}\/[\w./-]+$/.test(name);
  const done: DoneCondition = { kind: 'container-starts' };
  const fixes: Readonly<Record<Fault, { title: string; text: string }>> = {
    crlf: {
      title: 'Store the script with line ends of Unix',
      text: 'In the build: sed -i "s/\\r$//" on the script; in the repository: `*.sh text eol=lf` in .gitattributes. Then build and push.',
    },
    interpreter: {
      title: 'Bring interpreter or loader into the image',
      text: 'Look at the first line of the script and at its line ends (`*.sh text eol=lf` in .gitattributes). A binary that was linked for glibc needs glibc: build it statically, or on the base that it runs on.',
    },
    mode: {
      title: 'Set the execute bit in the image',
      text: 'COPY --chmod=755 in the Dockerfile, or git update-index --chmod=+x on the file, then build and push.',
    },
    absent: {
      title: 'Correct ENTRYPOINT and CMD of the image',
      text: 'They must name a file that the final stage of the build holds; paths are those of WORKDIR. Then build and push.',
    },
    tool: {
      title: `Install ${shorten(name, 40)} in the image`,
      text: 'In the stage of the Dockerfile that is shipped; then build and push.',
    },
  };
  return [
    step(
      'see-image-entrypoint',
      'See what the image starts',
      'Prints ENTRYPOINT, CMD, user and working directory.',
      command(
        'docker',
        'image',
        'inspect',
        '--format',
        '{{json .Config.Entrypoint}} {{json .Config.Cmd}} {{.Config.User}} {{.Config.WorkingDir}}',
        container.image,
      ),
    ),
    ...(isPath
      ? [
          step(
            'see-entrypoint-file',
            'Look at the file in the image',
            'Its mode, and the first line: `\\r` before the end of the line is CRLF.',
            command(
              'docker',
              'run',
              '--rm',
              '--entrypoint',
              'sh',
              container.image,
              '-c',
              `ls -l ${name}; head -n 1 ${name} | od -c | head -n 4`,
            ),
          ),
        ]
      : []),
    { id: 'rebuild-image', operation: { kind: 'decide' }, ...fixes[fault], done },
    ...(fault === 'mode' && isPath && container.command.length === 0
      ? [
          containerPatch(
            evidence,
            { command: ['sh', name] },
            {
              id: 'start-with-shell',
              title: 'Until then, let a shell read it',
              text: "Works where it is a shell script and the image has a shell. command replaces the image's ENTRYPOINT; the image's CMD is dropped, so name its words in args.",
              done,
            },
          ),
        ]
      : []),
    ...rollbackStep(evidence, 'The image of the revision before could be started.'),
  ];
}

function finish(evidence: Evidence, fault: Fault, file: string, confidence: Confidence, lead: Fact): Finding {
  const name = file === '' || file === '/bin/sh' || file === 'sh' || file === 'bash' ? 'the entrypoint' : file;
  const exit = exitFact(evidence);
  return {
    confidence,
    what: WHAT[fault](shorten(name, 30)),
    sentence: headline(evidence, confidence, WHY[fault](shorten(name, 80)), 'does not start'),
    facts: [
      lead,
      commandFact(evidence),
      specFact(evidence, 'image', evidence.container.image, 'The image'),
      ...(exit ? [exit] : []),
    ],
    steps: steps(evidence, fault, file),
  };
}

function fromStartError(evidence: Evidence): Finding | null {
  const found = missingExecutable(evidence);
  if (!found) return null;
  const { name, denied, isDirectory, error } = found;
  const { container } = evidence;
  if (mountOf(evidence, name) || runsElsewhere(evidence)) return null;
  const isOwnWord = commandWords(container).includes(name) || container.command[0]?.endsWith(name) === true;
  if (isOwnWord || (executableField(container, name) !== null && !denied)) return null;
  // A user of the pod's own choice may lack a right that the image's user has.
  const confidence: Confidence = denied && container.security.runAsUser !== null ? 'likely' : 'certain';
  return finish(evidence, denied || isDirectory ? 'mode' : 'absent', name, confidence, error.fact);
}

function fromLog(evidence: Evidence): Finding | null {
  const match = matchLog(evidence, SIGNATURES);
  if (!match || runsElsewhere(evidence)) return null;
  const { container, lastTermination } = evidence;
  const fault = match.meaning;
  const name = match.groups[0] ?? '';
  // What the pod spec asks for itself is its own fault, save a file that is there and cannot be run as it is.
  const isAsked = name !== '' && inCommand(container, name);
  if (isAsked && fault !== 'crlf' && fault !== 'interpreter') return null;
  if ((fault === 'tool' || fault === 'absent') && container.command.length > 0) return null;
  if (fault === 'tool' && isBasicTool(name)) return null;
  if (fault === 'mode' && lastTermination?.exitCode !== 126 && !/\bexec\b|tini|dumb-init/.test(match.text)) return null;
  if (name.startsWith('/') && fault !== 'crlf' && mountOf(evidence, name)) return null;
  const likely = logConfidence(evidence, match);
  const isAlone =
    match.position === 0 && (evidence.log?.lines.filter((line) => line.text.trim() !== '').length ?? 0) <= 2;
  const isProven =
    likely === 'likely' &&
    lastTermination?.exitCode !== 0 &&
    (fault === 'crlf' || (fault === 'interpreter' && isAlone && /\.(?:sh|bash|py|js|rb|pl)$/.test(name)));
  return finish(
    evidence,
    fault,
    name,
    isProven ? 'certain' : likely,
    logFact(match.log, match.no, 'What the start says'),
  );
}

/**
 * What the image itself starts is broken: absent, without its execute bit, with CRLF line ends, or without its interpreter.
 *
 * Where the runtime's word does not stand in the pod spec, it is the image's (`bad-command` otherwise). A line `exec x: no such
 * file or directory` in the log means that x is there and its interpreter is not: the runtime looks for x before. A file under a
 * mount belongs to `file-missing`; an image that runs on another node is not broken.
 */
export const brokenEntrypoint = defineRule({
  id: 'broken-entrypoint',
  cause: 'broken-entrypoint',
  title: 'Entrypoint inside the image is broken',
  docs: 'https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/',
  doc: {
    describe:
      '`StartError`, exit 128, with `exec: "/entrypoint.sh": permission denied` or `no such file or directory`, and no `command` in the spec.',
    logs: "One line: `exec /entrypoint.sh: no such file or directory`, `bad interpreter`, `$'\\r': command not found`.",
    steps: [
      'Run the image on your machine: it fails there in the same way.',
      'Look at mode, first line and line ends of the script that it starts.',
      'Correct the Dockerfile, build, push under a new tag.',
    ],
    prevention: 'Start the finished image once in CI, and keep `*.sh text eol=lf` in .gitattributes.',
  },
  needs: [],
  specificity: 3,
  supersedes: ['app-exception'],
  detect: (evidence) => fromStartError(evidence) ?? fromLog(evidence),
});
