import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildEvidence } from '@/lib/diagnosis/build-evidence';
import { diagnose, type Outcome } from '@/lib/diagnosis/diagnose';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { terminalJson, terminalText } from '@/lib/diagnosis/log/terminal-text';
import { commandOf } from '@/lib/diagnosis/steps/command-of';
import type { Verdict } from '@/lib/diagnosis/verdict';
import { UnloopError } from '@/lib/domain/unloop-error';
import { readCapture } from '@/server/capture/read-capture';

const HELP = `Usage: npm run diagnose -- <capture>... [--json] [--explain]

Says why the containers of a capture fail. A capture is a directory with capture.json, a folder of such directories, the
output directory of "kubectl cluster-info dump --output-directory", a must-gather, a troubleshoot bundle, or what
"kubectl get ... -o json" (or yaml) printed. What is left out of a capture is said on the error output. Exits 2 where one cannot be read.

  --json     print JSON: one object, or one for each line where several captures are given
  --explain  also print which rules looked, which fired and what they lacked
`;

interface Judged {
  readonly evidence: Evidence;
  readonly verdicts: readonly Verdict[];
  readonly outcomes: readonly Outcome[];
}

/** A folder whose direct children are captures means those; else the path itself. */
function expand(path: string): readonly string[] {
  if (!existsSync(path) || !statSync(path).isDirectory() || existsSync(join(path, 'capture.json'))) return [path];
  const children = readdirSync(path)
    .toSorted()
    .map((name) => join(path, name));
  const captures = children.filter((child) => existsSync(join(child, 'capture.json')));
  return captures.length > 0 ? captures : [path];
}

function targetOf({ workload, pod, container }: Evidence) {
  return { ...workload, pod: pod.name, container: container.name };
}

function toJson(path: string, judged: readonly Judged[], notes: readonly string[], explain: boolean): string {
  const verdicts = judged.flatMap(({ evidence, verdicts }) =>
    verdicts.map((verdict) => ({
      target: targetOf(evidence),
      ...verdict,
      steps: verdict.steps.map((step) => ({ ...step, command: commandOf(step.operation) })),
    })),
  );
  const outcomes = judged.map(({ evidence, outcomes }) => ({
    target: targetOf(evidence),
    outcomes,
    missing: evidence.missing,
  }));
  return JSON.stringify({
    capture: path,
    verdicts,
    ...(notes.length > 0 && { notes }),
    ...(explain && { explain: outcomes }),
  });
}

function explainLines({ evidence, outcomes }: Judged): string[] {
  const fired = outcomes.filter((one) => one.outcome === 'fired');
  const lines = outcomes.map((one) => {
    if (one.outcome === 'fired') {
      const read = one.verdict.facts.map((fact) => fact.source).join('; ');
      return `    fired          ${one.ruleId} (${one.verdict.confidence}) read ${read}`;
    }
    if (one.outcome === 'not-evaluated')
      return `    not evaluated  ${one.ruleId}: ${one.missing.map((part) => evidence.missing[part] ?? part).join(' ')}`;
    return one.outcome === 'broken'
      ? `    broken         ${one.ruleId}: ${one.error}`
      : `    quiet          ${one.ruleId}`;
  });
  const missing = Object.entries(evidence.missing).map(([part, why]) => `    not seen       ${part}: ${why}`);
  return [`  ${outcomes.length} rules looked, ${fired.length} fired`, ...lines.toSorted(), ...missing];
}

function toText(path: string, judged: readonly Judged[], explain: boolean): string {
  const blocks = judged.map((one) => {
    const { workload, pod, container } = one.evidence;
    const head = `${workload.kind} ${workload.namespace}/${workload.name}, pod ${pod.name}, container ${container.name}`;
    const verdicts = one.verdicts.flatMap((verdict, index) => [
      `  ${index === 0 ? '' : 'or: '}${verdict.sentence}`,
      `    ${verdict.cause} · ${verdict.confidence}`,
      ...verdict.facts.map((fact) => `    - ${fact.text}: ${fact.value}  [${fact.source}]`),
      ...(index === 0
        ? verdict.steps.map((step, at) => {
            const command = commandOf(step.operation);
            return `    ${at + 1}. ${step.title}. ${step.text}${command === null ? '' : `\n       ${command}`}`;
          })
        : []),
    ]);
    const body = verdicts.length > 0 ? verdicts : ['  It does not fail.'];
    return [head, ...body, ...(explain ? explainLines(one) : [])].join('\n');
  });
  return [path, ...(blocks.length > 0 ? blocks : ['  Nothing in it fails.'])].join('\n');
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean' }, explain: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help || positionals.length === 0) {
    console.log(HELP);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const paths = positionals.flatMap(expand);
  let unread = 0;
  for (const path of paths) {
    try {
      const { sources, notes } = await readCapture(path);
      const judged = sources.map((source) => {
        const evidence = buildEvidence(source);
        return { evidence, ...diagnose(evidence) };
      });
      const explains = values.explain ?? false;
      const said = values.json ? toJson(path, judged, notes, explains) : toText(path, judged, explains);
      console.log(values.json ? terminalJson(said) : terminalText(said));
      for (const note of notes) console.error(`diagnose: ${printable(`${path}: ${note}`)}`);
    } catch (error) {
      if (!(error instanceof UnloopError)) throw error;
      unread += 1;
      console.error(`diagnose: ${printable(error.message)}`);
    }
  }
  if (unread === 0) return;
  if (paths.length > 1) console.error(`diagnose: ${unread} of ${paths.length} captures cannot be read.`);
  process.exitCode = 2;
}

/** Names of files are anybody's: escape sequences and line ends in them do not reach the terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, '\uFFFD');
}

try {
  await main();
} catch (error) {
  const isUsage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  if (isUsage) console.error(`diagnose: ${error.message}\n\n${HELP}`);
  else console.error(error instanceof UnloopError ? `diagnose: ${error.message}` : error);
  process.exitCode = 2;
}
