import { editObject, kubectl, outlives, rollbackStep, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { exitFact, fieldFact, logFact, specPath } from '@/lib/diagnosis/facts';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { type LogMatch, matchLog } from '@/lib/diagnosis/match-log';
import { defineRule } from '@/lib/diagnosis/rule';
import { lastLifetime } from '@/lib/diagnosis/run-statistics';
import { brokenFile } from '@/lib/diagnosis/texts/broken-file';
import { type CoveringMount, mountInWords, mountOf } from '@/lib/diagnosis/texts/mounts';
import type { Confidence, Fact, Finding } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';
import { type Meaning, SIGNATURES } from './signatures';

const PATH = /(?:^|[\s"'`(=:[])(\/[\w.@+-]{1,80}(?:\/[\w.@+-]{1,120}){0,12})/g;
const LINE = /\bline:? (\d{1,6})\b|:(\d{1,6})(?::\d{1,6})?(?=$|[\s:)\],])/;
/** Files of the program itself. */
const CODE =
  /\.(?:go|py|js|mjs|ts|rb|java|rs|ex|php|so|c|cc|cpp|cs)$|node_modules|site-packages|^\/(?:usr|proc|sys|dev|bin|sbin)\//;
/** A file that is not there or closed is no matter of its content. */
const UNREAD = /no such file|ENOENT|permission denied|EACCES|is a directory|read-only file system/i;
/** What a program wrote itself and reads again: damaged data, no configuration. */
const STORED =
  /\b(?:opening|open|loading|load|reading|read|replaying) (?:the )?(?:storage|block|segment|index|snapshot|wal|journal|checkpoint|state)\b|\/(?:wal|chunks_head|snapshots?|raft|segments?|blocks?)\/|\bmeta\.json\b/i;
/** A file that is parsed within this time after the start is part of the start. */
const START_MS = 90_000;
const SOON_MS = 15_000;

interface Place {
  readonly path: string;
  readonly line: number | null;
  readonly covering: CoveringMount | null;
}

function isConfig(covering: CoveringMount | null): boolean {
  return ['configMap', 'secret', 'projected'].includes(covering?.volume?.kind ?? '');
}

/** The file that the parser speaks of: one on a mounted ConfigMap or Secret over any other that is named. */
function placeOf(evidence: Evidence, match: LogMatch<Meaning>): Place | null {
  const own = [match.text, ...match.statement.texts.map((one) => one.text)].join('\n').slice(0, 4096);
  const index = match.log.lines.findIndex((one) => one.no === match.no);
  const near = match.log.lines.slice(Math.max(0, index - 3), index + 4).map((one) => one.text.slice(0, 1024));
  const line = LINE.exec(own);
  const number = line ? Number(line[1] ?? line[2]) : null;
  const pathsIn = (text: string) =>
    [...text.matchAll(PATH)].map((found) => (found[1] ?? '').replace(/[.:]$/, '')).filter((path) => !CODE.test(path));
  const inOwn = pathsIn(own).map((path) => ({ path, line: number, covering: mountOf(evidence, path) }));
  const inNear = pathsIn(near.join('\n')).map((path) => ({ path, line: number, covering: mountOf(evidence, path) }));
  return (
    inOwn.find((one) => isConfig(one.covering)) ?? inNear.find((one) => isConfig(one.covering)) ?? inOwn[0] ?? null
  );
}

/** The key of the mounted ConfigMap that is the file, with its text where it may be read. */
function fileIn({ path, covering }: Place): { readonly key: string; readonly text: string | null } | null {
  if (!covering?.object) return null;
  const key = covering.mount.subPath || path.split('/').at(-1) || '';
  return covering.object.keys?.includes(key) ? { key, text: covering.object.data?.[key] ?? null } : null;
}

function lineFact(place: Place): Fact | null {
  const file = fileIn(place);
  const { covering, line } = place;
  if (!file || !covering?.object) return null;
  const at = `${covering.object.kind.toLowerCase()}/${covering.object.name}[${file.key}]`;
  const lines = file.text?.split('\n') ?? [];
  const text = line === null ? '' : (lines[line - 1] ?? '').trim();
  const before = line === null ? '' : (lines[line - 2] ?? '').trim();
  if (text === '') return fieldFact(at, mountInWords(covering), 'Where the file comes from');
  return before === ''
    ? fieldFact(at, text, `Line ${line} of the file`)
    : fieldFact(at, `${before} ⏎ ${text}`, `Line ${line} of the file and the one before`);
}

/** No log is held: a mounted file that is found broken here, and an end soon after the start. */
function fromFile(evidence: Evidence): Finding | null {
  const { log, lastTermination: last } = evidence;
  const lived = lastLifetime(evidence);
  if (log || !last || last.exitCode === 0 || last.reason === 'OOMKilled' || lived === null || lived > SOON_MS)
    return null;
  const broken = brokenFile(evidence, ['JSON', 'nginx']);
  if (!broken) return null;
  const confidence: Confidence = broken.format === 'JSON' ? 'likely' : 'possible';
  const exit = exitFact(evidence);
  return {
    confidence,
    what: `${shorten(broken.path, 36)} cannot be parsed`,
    sentence: headline(evidence, confidence, `${shorten(broken.path, 120)} is no valid ${broken.format} configuration`),
    facts: [broken.fact, ...(exit ? [exit] : [])],
    steps: [
      step(
        'correct-config',
        `Correct it in ConfigMap ${broken.configMap}`,
        'Where a chart or an operator writes the ConfigMap, correct its values instead; then restart the workload.',
        editObject(evidence, 'ConfigMap', broken.configMap),
        outlives(evidence),
      ),
      step(
        'read-next-log',
        'Read the log of the next run',
        'The parser names the file and the line.',
        kubectl(evidence, 'logs', evidence.pod.name, '-c', evidence.container.name, '--previous'),
      ),
      ...rollbackStep(evidence, 'Helps where the file came with this revision, as a ConfigMap of its own name.'),
    ],
  };
}

/**
 * A configuration file cannot be parsed: a broken line, a key that its reader does not know.
 *
 * The parser's own text, certain where it names a file of a mounted ConfigMap or Secret, or where the mounted JSON is found
 * broken here too. A file that parses but asks for something impossible is `setting-invalid`; data that comes in by network or
 * disk is not meant.
 */
export const configSyntax = defineRule({
  id: 'config-syntax',
  cause: 'config-syntax',
  title: 'Configuration file cannot be parsed',
  docs: 'https://kubernetes.io/docs/concepts/configuration/configmap/',
  doc: {
    describe: '`Error` with exit 1, within a second of each start; often after a ConfigMap was changed.',
    logs: '`yaml: line 5: did not find expected key`, `invalid character`, `directive is not terminated`, `Unexpected token in JSON`.',
    steps: [
      'Go to the file and line that the parser names, and to the line before it.',
      'Correct it in the ConfigMap, or where that is generated, and restart the workload.',
      "Check the result with the program's own test option (`nginx -t`, `promtool check config`).",
    ],
    prevention:
      "Run the program's configuration check in CI on the rendered file, and name ConfigMaps by their content so that a bad one never reaches running pods.",
  },
  needs: [],
  specificity: 3,
  supersedes: ['app-exception'],
  detect: (evidence) => {
    const match = matchLog(evidence, SIGNATURES);
    if (!match) return fromFile(evidence);
    if (UNREAD.test(match.text) || evidence.lastTermination?.reason === 'OOMKilled') return null;
    const { format, isData } = match.meaning;
    const place = placeOf(evidence, match);
    const isMounted = place !== null && isConfig(place.covering);
    if (!isMounted && STORED.test(match.text)) return null;
    const broken = format === 'JSON' ? brokenFile(evidence, ['JSON']) : null;
    const isNamed =
      place !== null || /\bconfig|settings?\b|\.(?:ya?ml|json|toml|conf|ini|cfg|xml|properties)\b/i.test(match.text);
    const loose = logConfidence(evidence, match);
    const code = evidence.lastTermination?.exitCode ?? 0;
    let confidence: Confidence = loose;
    if (loose === 'likely' && match.position === 0 && code !== 0 && (broken || (isMounted && !isData)))
      confidence = 'certain';
    else if (
      isData &&
      !isMounted &&
      !broken &&
      (format === 'text' || (!isNamed && (lastLifetime(evidence) ?? 0) > START_MS))
    )
      confidence = 'possible';
    const file = place?.path ?? broken?.path ?? '';
    const at = place?.line === null || place?.line === undefined || file === '' ? '' : `, line ${place.line}`;
    const kind = format === 'configuration' || format === 'text' ? '' : ` as ${format}`;
    const shown = file === '' ? 'its configuration' : file;
    const fact = place ? lineFact(place) : null;
    const exit = exitFact(evidence);
    const object = place?.covering?.object ?? null;
    const objects = evidence.pod.volumes.filter((one) => one.kind === 'configMap').map((one) => one.ref);
    const name = object?.kind === 'ConfigMap' ? object.name : objects[0];
    return {
      confidence,
      what: `${shorten(file === '' ? 'its configuration' : file, 36)}${at} cannot be parsed`,
      sentence: headline(evidence, confidence, `${shorten(shown, 120)} cannot be parsed${kind}${at}`),
      facts: [
        logFact(match.log, match.no, 'What the parser says'),
        ...(broken ? [broken.fact] : []),
        ...(fact ? [fact] : []),
        ...(fact === null && broken === null && name !== undefined
          ? [
              fieldFact(
                specPath(evidence.container, 'volumeMounts'),
                shorten(objects.join(', '), 200),
                'The ConfigMaps of the pod',
              ),
            ]
          : []),
        ...(exit ? [exit] : []),
      ],
      steps: [
        name === undefined
          ? step(
              'see-file-sources',
              'See what the file is made from',
              'Mounted volumes, or a start script of the image that fills in variables.',
              kubectl(evidence, 'get', 'pod', evidence.pod.name, '-o', 'yaml'),
            )
          : step(
              'correct-config',
              `Correct it in ConfigMap ${name}`,
              'The place that a parser names is where it could not go on: the mistake is there or on the line before. Where a chart or an operator writes the ConfigMap, correct its values instead.',
              editObject(evidence, 'ConfigMap', name),
              outlives(evidence),
            ),
        {
          id: 'check-before-rollout',
          operation: { kind: 'decide' },
          title: 'Check it before it is rolled out',
          text: "Run the program's own check on the corrected file, in the same image.",
        },
        ...rollbackStep(evidence, 'Helps where the file came with this revision, as a ConfigMap of its own name.'),
      ],
    };
  },
});
