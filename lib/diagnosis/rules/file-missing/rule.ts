import { editWorkload, kubectl, outlives, rollbackStep, step } from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { exitFact, fieldFact, logFact, specPath } from '@/lib/diagnosis/facts';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { matchLog, type Signature } from '@/lib/diagnosis/match-log';
import { defineRule } from '@/lib/diagnosis/rule';
import { type CoveringMount, mountInWords, mountOf } from '@/lib/diagnosis/texts/mounts';
import { missingExecutable } from '@/lib/diagnosis/texts/start-error';
import type { Confidence, Fact, Finding } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';

const PATH =
  '((?:\\.{0,2}\\/|[A-Za-z]:\\\\|~\\/|[\\w-]{1,60}\\/)[^\\s:\'"`,;()\\[\\]]{1,300}|[\\w.-]{1,80}\\.(?:ya?ml|json|toml|conf|cfg|ini|properties|xml|env|pem|crt|key|cert|p12|jks|sh|py|js|txt|db|sql|html|lic|dat|cnf))';
const Q = '[\'"`‘“<(\\[]{0,2}';
const re = (source: string, flags = ''): RegExp => new RegExp(source, flags);
/** Places whose absence means something else: tokens, sockets, devices, kernel files, libraries, processes' own marks. */
const ELSEWHERE =
  /serviceaccount\/(?:token|ca\.crt|namespace)|\.sock\b|(?:^|[\s"'`])\/(?:dev|proc|sys)\/|\.so(?:\.\d{1,4}){0,4}\b|\.pid\b|node_modules|site-packages|docker-entrypoint|exec format|executable file|command not found|Cannot find module|cannot load such file|No such file or directory -- |exec \/|exec: |\/bin\/\S{1,60}: (?:no such|not found)|Could not resolve|getaddrinfo|Permission denied|Read-only file system/i;

const SIGNATURES: readonly Signature<string>[] = [
  {
    pattern: re(
      `(?:open|stat|lstat|read|readfile|scandir|access|unlink|rename|mkdir|chdir|load|opening|reading|loading|parse)(?:\\(\\))? ${Q}${PATH}['"\`’”>)\\]]{0,2}:? (?:no such file|failed \\(2: No such file)`,
      'i',
    ),
    meaning: 'path',
    except: ELSEWHERE,
  },
  { pattern: re(`ENOENT: no such file or directory, \\w{1,20} ${Q}${PATH}`), meaning: 'path', except: ELSEWHERE },
  { pattern: re(`No such file or directory:? ${Q}${PATH}`, 'i'), meaning: 'path', except: ELSEWHERE },
  {
    pattern: re(`(?:FileNotFoundException|NoSuchFileException|FileNotFoundError): ${Q}${PATH}`),
    meaning: 'path',
    except: ELSEWHERE,
  },
  {
    pattern: re(`(?:FileNotFoundException|NoSuchFileException|FileNotFoundError)[^\\n]{0,60}?${Q}${PATH}`),
    meaning: 'path',
    except: ELSEWHERE,
  },
  { pattern: re(`Could not find (?:a part of the path|file) ${Q}${PATH}`), meaning: 'path', except: ELSEWHERE },
  {
    pattern: re(`${Q}${PATH}['"\`’”>)\\]]{0,2}:? \\(?No such file(?: or directory)?`, 'i'),
    meaning: 'path',
    except: ELSEWHERE,
  },
  {
    pattern: re(
      `(?:cannot|can't|can not|could not|couldn't|unable to|failed to) (?:open|find|read|load|access|locate|stat|fopen)[^\\n/]{0,60}?${Q}${PATH}[^\\n]{0,120}?(?:no such file|not found|does not exist|doesn't exist|errno[ =:]{1,3}2\\b|ENOENT|\\(2\\))`,
      'i',
    ),
    meaning: 'path',
    except: ELSEWHERE,
  },
  {
    pattern: re(
      `(?:config(?:uration)?|settings?|certificate|key|cert|license|template|schema|keystore|credentials?|script|data)?[ -]?(?:file|path|directory|folder)[^\\n/]{0,40}?${Q}${PATH}['"\`’”>)\\]]{0,2}[^\\n]{0,30}?(?:not found|does not exist|doesn't exist|is missing|missing|not exist|not present|was not found|cannot be found)`,
      'i',
    ),
    meaning: 'path',
    except: ELSEWHERE,
  },
  {
    pattern: re(
      `${Q}${PATH}['"\`’”>)\\]]{0,2}:? (?:not found|does not exist|doesn't exist|is missing|could not be found|cannot be found|was not found|not readable or does not exist|is not a (?:file|directory))`,
      'i',
    ),
    meaning: 'path',
    except: re(
      `${ELSEWHERE.source}|https?:|\\b(?:GET|POST|404|module|table|route|image|endpoint|database|bucket|topic|index)\\b`,
      'i',
    ),
  },
  {
    pattern: re(
      `(?:no such file|cannot find the file|not find (?:the )?(?:config|configuration|file)|missing (?:config|configuration)? ?file|File not found)[^\\n/]{0,40}?${Q}${PATH}`,
      'i',
    ),
    meaning: 'path',
    except: ELSEWHERE,
  },
  { pattern: re(`Os \\{ code: 2, kind: NotFound`), meaning: 'file', except: ELSEWHERE },
  {
    pattern:
      /(?:config(?:uration)?|settings?|properties|license|certificate|key) file (?:is )?(?:not found|missing|does not exist|could not be found|not present)/i,
    meaning: 'file',
    except: ELSEWHERE,
  },
];

function mountFacts(evidence: Evidence, covering: CoveringMount | null): Fact[] {
  if (!covering) return [];
  const path = specPath(evidence.container, `volumeMounts[${covering.mount.path}]`);
  const keys = covering.object?.keys;
  return [
    fieldFact(path, mountInWords(covering), 'What is mounted over this path'),
    ...(keys
      ? [
          fieldFact(
            `${covering.volume?.kind ?? 'volume'}/${covering.volume?.ref ?? ''}`,
            keys.join(', ') || '(none)',
            'What it holds',
          ),
        ]
      : []),
  ];
}

/** Whether the mount explains the gap: its object is known and does not hold the file. */
function isProvenBy(covering: CoveringMount | null, path: string): boolean {
  const keys = covering?.object?.keys;
  if (!covering || !keys || covering.mount.subPath !== '') return false;
  const rest = path.slice(covering.mount.path.length).replace(/^\//, '');
  return rest !== '' && !keys.some((key) => key === rest || rest.startsWith(`${key}/`));
}

function finish(
  evidence: Evidence,
  confidence: Confidence,
  path: string,
  covering: CoveringMount | null,
  lead: Fact,
): Finding {
  const exit = exitFact(evidence);
  const why = covering
    ? `${path} is not there: ${mountInWords(covering)} ${covering.volume?.kind === 'emptyDir' ? 'covers it with nothing' : 'does not hold it and hides what the image has'}`
    : `${path} is not there`;
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) || '/' : '.';
  return {
    confidence,
    what: `${shorten(path, 50)} is not there`,
    sentence: headline(evidence, confidence, why),
    facts: [lead, ...mountFacts(evidence, covering), ...(exit ? [exit] : [])],
    steps: [
      covering
        ? step(
            'correct-mount',
            'Correct the mount',
            'Opens the workload: mount single files with subPath, or move the mount to a directory of its own, so that it hides nothing; add the missing key to the object it shows.',
            editWorkload(evidence),
            outlives(evidence),
          )
        : step(
            'bring-file',
            'Bring the file there',
            'Mount it from a ConfigMap or Secret, put it into the image, or point the setting at where it is.',
            editWorkload(evidence),
            outlives(evidence),
          ),
      step(
        'list-folder',
        'See what is there',
        'A copy of the pod with a listing in place of its command.',
        kubectl(
          evidence,
          'debug',
          evidence.pod.name,
          '-it',
          `--copy-to=${evidence.pod.name.slice(0, 50)}-debug`,
          `--container=${evidence.container.name}`,
          '--',
          'ls',
          '-la',
          folder,
        ),
      ),
      ...rollbackStep(evidence, 'The revision before found its files.'),
    ],
  };
}

/**
 * The program does not find a file where it looks for it.
 *
 * Most often a mount: of a ConfigMap without that key, or over a directory of the image, which it hides. Executables of the
 * pod spec belong to `bad-command`, libraries to `missing-module`, the service account's token to `rbac-denied`.
 */
export const fileMissing = defineRule({
  id: 'file-missing',
  cause: 'file-missing',
  title: 'Expected file is not at its path',
  docs: 'https://kubernetes.io/docs/tasks/configure-pod-container/configure-pod-configmap/#add-configmap-data-to-a-volume',
  doc: {
    describe:
      '`Error` with exit 1 or 2; or `StartError` with `no such file or directory` for a path that a volume covers.',
    logs: '`no such file or directory`, `ENOENT`, `FileNotFoundException` with the path.',
    steps: [
      'See which mount covers the path, and what the object behind it holds.',
      'Remember that a mount hides everything that the image has in that directory.',
      'Correct key, path or setting.',
    ],
    prevention: 'Mount configuration into a directory of its own, and let the program name the path that it looks for.',
  },
  needs: [],
  specificity: 3,
  supersedes: ['app-exception'],
  detect: (evidence) => {
    const executable = missingExecutable(evidence);
    if (executable && !executable.denied && !executable.isDirectory && executable.name.startsWith('/')) {
      const covering = mountOf(evidence, executable.name);
      return covering ? finish(evidence, 'certain', executable.name, covering, executable.error.fact) : null;
    }
    const match = matchLog(evidence, SIGNATURES);
    if (!match) return null;
    const path = match.groups.find((group) => group !== '')?.replace(/[.,]$/, '') ?? '';
    const shown = path || 'a file that it needs';
    const covering = path.startsWith('/') ? mountOf(evidence, path) : null;
    const likely = logConfidence(evidence, match);
    const isProven = likely === 'likely' && match.position < 3 && isProvenBy(covering, path);
    return finish(
      evidence,
      isProven ? 'certain' : likely,
      shown,
      covering,
      logFact(match.log, match.no, 'What it looks for'),
    );
  },
});
