import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CAUSE_IDS, CAUSES, type CauseId } from '@/lib/domain/causes';

const HELP = `Usage: npm run new-rule -- <id> [cause]

Makes lib/diagnosis/rules/<id> with a rule that never fires and a firing and a quiet fixture to fill in, and adds the rule to
the registry. The cause is the id where none is given.
`;
const ROOT = join(import.meta.dirname, '..');
const RULES = join(ROOT, 'lib/diagnosis/rules');

function camel(id: string): string {
  return id.replace(/-(\w)/g, (_all, letter: string) => letter.toUpperCase());
}

function ruleText(id: string, cause: CauseId): string {
  return `import { logsCommand, step } from '@/lib/diagnosis/commands';
import { exitFact, logFact } from '@/lib/diagnosis/facts';
import { matchLog, type Signature } from '@/lib/diagnosis/match-log';
import { defineRule } from '@/lib/diagnosis/rule';
import { headline, shorten } from '@/lib/diagnosis/wording';

const SIGNATURES: readonly Signature<string>[] = [];

/**
 * ${CAUSES[cause].title}.
 *
 * Say here what proves it and what it is mistaken for.
 */
export const ${camel(id)} = defineRule({
  id: '${id}',
  cause: '${cause}',
  title: '${CAUSES[cause].title.replaceAll("'", "\\'")}',
  docs: 'https://kubernetes.io/docs/tasks/debug/debug-application/',
  doc: {
    describe: 'to be written: what describe shows',
    logs: 'to be written: what the log shows',
    steps: ['to be written: what to do first'],
    prevention: 'to be written: how it is kept from coming back',
  },
  needs: ['log'],
  specificity: 3,
  detect: (evidence) => {
    // No fact, no finding. \`certain\` is only for what the evidence alone proves: a log line is at most \`likely\`.
    const match = matchLog(evidence, SIGNATURES);
    if (!match) return null;
    const exit = exitFact(evidence);
    return {
      confidence: 'likely',
      what: shorten(match.statement.message, 60),
      sentence: headline(evidence, 'likely', shorten(match.statement.message)),
      facts: [logFact(match.log, match.no, 'The line that decides'), ...(exit ? [exit] : [])],
      steps: [
        step(
          'read-log',
          'Read the log of the crashed run',
          'What its last lines say is what to mend.',
          logsCommand(evidence),
        ),
      ],
    };
  },
});
`;
}

function writeFixture(folder: string, title: string, log: string): void {
  const pod = 'web-6d4cf56db6-x2k4p';
  const head = {
    unloopCapture: 1,
    cluster: 'fixture',
    capturedAt: '2026-03-01T12:00:00Z',
    title,
    target: { namespace: 'shop', kind: 'Pod', name: pod, container: 'web' },
  };
  const terminated = {
    exitCode: 1,
    reason: 'Error',
    startedAt: '2026-03-01T11:58:20Z',
    finishedAt: '2026-03-01T11:58:22Z',
    containerID: 'containerd://0123456789abcdef',
  };
  const object = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: pod, namespace: 'shop', uid: 'pod-1', creationTimestamp: '2026-03-01T11:50:00Z' },
    spec: {
      restartPolicy: 'Always',
      nodeName: 'node-1',
      containers: [{ name: 'web', image: 'registry.example/web:1.4.2' }],
    },
    status: {
      phase: 'Running',
      containerStatuses: [
        {
          name: 'web',
          image: 'registry.example/web:1.4.2',
          restartCount: 6,
          ready: false,
          started: false,
          state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s restarting failed container' } },
          lastState: { terminated },
        },
      ],
    },
  };
  mkdirSync(join(folder, 'objects'), { recursive: true });
  mkdirSync(join(folder, 'logs/shop', pod, 'web'), { recursive: true });
  writeFileSync(join(folder, 'capture.json'), `${JSON.stringify(head, null, 2)}\n`);
  writeFileSync(
    join(folder, 'objects/all.json'),
    `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [object] }, null, 1)}\n`,
  );
  writeFileSync(join(folder, 'logs/shop', pod, 'web/previous.log'), log);
}

/** Writes the registry anew from the folders, so that it is alphabetical whatever was there. */
function writeRegistry(): void {
  const ids = readdirSync(RULES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(RULES, entry.name, 'rule.ts')))
    .map((entry) => entry.name)
    .toSorted();
  const imports = ids.map((id) => `import { ${camel(id)} } from './rules/${id}/rule';`);
  const list = ids.map((id) => `  ${camel(id)},`);
  writeFileSync(
    join(ROOT, 'lib/diagnosis/registry.ts'),
    `import type { Rule } from './rule';\n${imports.join('\n')}\n\n/** Every rule, in the order of their ids. \`npm run new-rule <id>\` adds a line. */\nexport const RULES: readonly Rule[] = [\n${list.join('\n')}\n];\n`,
  );
}

/** Why no rule can be made, with what to do; null where one can. */
function refusal(id: string, cause: string): string | null {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(id)) return `"${id}" is no kebab-case id, such as missing-module`;
  if (existsSync(join(RULES, id))) return `lib/diagnosis/rules/${id} exists already`;
  if (CAUSE_IDS.some((known) => known === cause)) return null;
  return `there is no cause "${cause}": add it to CAUSES in lib/domain/causes.ts first, or name a cause that is there: npm run new-rule -- ${id} <cause>`;
}

const [id, cause = id] = process.argv.slice(2);
const refused = id === undefined || cause === undefined ? HELP : refusal(id, cause);
if (id === undefined || refused !== null) {
  console.error(refused === HELP ? HELP : `new-rule: ${refused}`);
  process.exitCode = 2;
} else {
  const folder = join(RULES, id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'rule.ts'), ruleText(id, cause as CauseId));
  writeFixture(
    join(folder, 'fires.example'),
    'what happened',
    'FATAL replace this line with what the program prints\n',
  );
  writeFixture(
    join(folder, 'quiet.example'),
    'the nearest lookalike',
    'FATAL replace this line with what looks alike\n',
  );
  writeRegistry();
  console.log(
    [
      `Made lib/diagnosis/rules/${id}, in the registry already. Now:`,
      '  1. rule.ts: the docblock, docs, doc, detect',
      '  2. fires.example and quiet.example: pod, log and title; name them after what they show',
      '  3. npx vitest run --project pure --project server diagnosis/registry capture/rules capture/steps',
    ].join('\n'),
  );
}
