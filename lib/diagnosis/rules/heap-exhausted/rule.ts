import {
  containerPatch,
  editWorkload,
  kubectl,
  logsCommand,
  outlives,
  rollbackStep,
  step,
} from '@/lib/diagnosis/commands';
import type { Evidence } from '@/lib/diagnosis/evidence';
import { exitFact, logFact, specFact } from '@/lib/diagnosis/facts';
import { logConfidence } from '@/lib/diagnosis/log-confidence';
import { matchLog, type Signature } from '@/lib/diagnosis/match-log';
import { defineRule } from '@/lib/diagnosis/rule';
import type { DoneCondition } from '@/lib/diagnosis/steps/condition';
import type { Fact, Step } from '@/lib/diagnosis/verdict';
import { headline } from '@/lib/diagnosis/wording';
import { parseQuantity } from '@/lib/domain/quantity';

type Runtime = 'v8' | 'jvm' | 'php' | 'dotnet' | 'gpu' | 'other';

interface Meaning {
  readonly runtime: Runtime;
  /** What ran out: "the V8 heap". */
  readonly area: string;
}

const of = (runtime: Runtime, area: string): Meaning => ({ runtime, area });

/** Most telling first. Texts of the runtimes themselves; a program only repeats them. */
const SIGNATURES: readonly Signature<Meaning>[] = [
  {
    pattern:
      /JavaScript heap out of memory|FATAL ERROR: .{0,120}(?:Allocation failed|Reached heap limit|near heap limit)|ERR_WORKER_OUT_OF_MEMORY|terminated due to reaching memory limit|Fatal (?:JavaScript|process) (?:invalid size error|out of memory)|Array buffer allocation failed/,
    meaning: of('v8', 'the JavaScript heap'),
  },
  { pattern: /OutOfMemoryError: Metaspace|\bMetaspace\b.{0,40}exhausted/, meaning: of('jvm', 'the Metaspace') },
  { pattern: /OutOfMemoryError: Compressed class space/, meaning: of('jvm', 'the compressed class space') },
  { pattern: /OutOfMemoryError: PermGen space/, meaning: of('jvm', 'the permanent generation') },
  {
    pattern:
      /OutOfMemoryError: (?:Direct buffer memory|Cannot reserve \d{1,20} bytes of direct buffer)|OutOfDirectMemoryError|failed to allocate \d{1,20} byte\(s\) of direct memory/,
    meaning: of('jvm', 'the direct buffer memory'),
  },
  {
    pattern:
      /OutOfMemoryError: (?:Java heap space|GC overhead limit exceeded|Requested array size|Required (?:array )?length|Garbage-collected heap size exceeded|Out of heap)|(?:^|[\s:"])Java heap space\b|GC overhead limit exceeded|Terminating due to java\.lang\.OutOfMemoryError|Aborting due to java\.lang\.OutOfMemoryError|JVM was unable to allocate memory from the heap|Could not reserve enough space for .{0,30}object heap|Error occurred during initialization of (?:VM|boot layer).{0,80}heap/,
    meaning: of('jvm', 'the Java heap'),
  },
  {
    pattern:
      /There is insufficient memory for the Java Runtime Environment|Native memory allocation \(m\w{1,10}\) failed|os::commit_memory\(.{0,120}failed|OutOfMemoryError: .{0,160}(?:swap space|native memory|allocateMemory|malloc)/,
    meaning: of('jvm', 'the native memory of the JVM'),
  },
  {
    pattern: /java\.lang\.OutOfMemoryError\b|\bOutOfMemoryError\b/,
    except: /native thread|Map failed|XX:|CrashOn|ExitOn|HeapDumpOn/,
    meaning: of('jvm', 'the memory of the JVM'),
  },
  {
    pattern: /Allowed memory size of \d{1,20} bytes exhausted|Out of memory \(allocated \d{1,20}/,
    meaning: of('php', "PHP's memory_limit"),
  },
  {
    pattern:
      /System\.OutOfMemoryException|Insufficient memory to continue the execution of the program|GC heap initialization failed|GCHeapAffinitizeMask.{0,40}memory|HRESULT:? ?0x8007000E/i,
    meaning: of('dotnet', 'the managed heap of .NET'),
  },
  {
    pattern:
      /CUDA out of memory|CUDA error: out of memory|CUDA_ERROR_OUT_OF_MEMORY|cudaErrorMemoryAllocation|HIP out of memory|OutOfMemoryError: .{0,40}GPU|No available memory for the cache blocks|RESOURCE_EXHAUSTED: .{0,40}(?:Out of memory|OOM)/,
    meaning: of('gpu', 'the memory of the GPU'),
  },
  {
    pattern:
      /fatal error: (?:runtime: )?(?:out of memory|cannot allocate (?:heap )?memory)|runtime: out of memory|runtime: cannot (?:map pages in arena|allocate memory)/,
    meaning: of('other', 'the memory of the Go runtime'),
  },
  {
    pattern: /(?:^|[\s.])(?:\w{0,20}MemoryError)\b(?:: |$)|Unable to allocate [\d.]{1,12} [KMGT]i?B for an array/,
    meaning: of('other', 'the memory of the Python process'),
    except: /OutOfMemoryError|retry/,
  },
  {
    pattern: /memory allocation of \d{1,20} bytes failed|Allocation error: .{0,60}memory/,
    meaning: of('other', 'the memory of the process'),
  },
  { pattern: /std::bad_alloc|std::bad_array_new_length/, meaning: of('other', 'the memory of the process') },
  {
    pattern: /NoMemoryError|\[FATAL\] failed to allocate memory/,
    meaning: of('other', 'the memory of the Ruby process'),
  },
  {
    pattern:
      /(?:eheap|binary|ets|temp|sl|std|ll|driver|fix|literal)_alloc: Cannot (?:allocate|reallocate) \d{1,20} bytes/,
    meaning: of('other', 'the memory of the Erlang VM'),
  },
  {
    pattern: /Exhausted heap space|[Hh]eap exhausted|heap overflow|Heap ran out|GC_OUT_OF_MEMORY/,
    meaning: of('other', 'the heap of the runtime'),
  },
  {
    pattern:
      /Memory limit \((?:total|for query|for user)\) exceeded|MEMORY_LIMIT_EXCEEDED|\bnot enough memory\b(?! to (?:run|install))|(?:^|: )[Oo]ut of memory[!.]?$|memory exhausted|Cannot allocate memory for the buffer pool/,
    meaning: of('other', 'the memory that the program may use'),
    except: /Map failed|shared memory|shm/i,
  },
  {
    pattern:
      /ENOMEM\b|\[Errno 12\]|(?:errno|code)[:=]? ?12\b|[Cc]annot allocate memory|can't allocate memory|failed to allocate memory/,
    meaning: of('other', 'the memory that the kernel gives it'),
    except: /shared memory|shmget|Map failed|memlock|MEMLOCK|huge|cgroup|fork|clone|thread/i,
  },
];

const HEAP_SETTING =
  /-Xmx\d{1,12}[kKmMgGtT]?|-XX:(?:Max|Initial|Min)RAMPercentage=[\d.]{1,6}|-XX:Max(?:MetaspaceSize|DirectMemorySize|HeapSize)=\d{1,12}[kKmMgG]?|--max[-_]old[-_]space[-_]size=\d{1,9}|--max[-_]heap[-_]size=\d{1,9}|memory_limit ?= ?-?\d{1,12}[KMGkmg]?/;

interface HeapSetting {
  readonly field: string;
  /** The variable that holds it, or null where it stands in the command line. */
  readonly variable: string | null;
  readonly whole: string;
  readonly setting: string;
}

/** Where the spec sets the heap: an environment variable or the command line. */
function findHeapSetting({ container }: Evidence): HeapSetting | null {
  for (const { name, value } of container.env) {
    const text = (value ?? '').slice(0, 2048);
    const found = HEAP_SETTING.exec(text)?.[0];
    if (found) return { field: `env[${name}]`, variable: name, whole: text, setting: found };
    if (/HEAP_SIZE|MAX_HEAP|HEAP_MAX|MEMORY_LIMIT|GOMEMLIMIT|GCHeapHardLimit/i.test(name) && text !== '')
      return { field: `env[${name}]`, variable: null, whole: text, setting: text };
  }
  for (const [field, words] of [
    ['args', container.args],
    ['command', container.command],
  ] as const) {
    const found = HEAP_SETTING.exec(words.join(' ').slice(0, 4096))?.[0];
    if (found) return { field, variable: null, whole: words.join(' '), setting: found };
  }
  return null;
}

const MIB = 1024 ** 2;
const VARIABLES: Readonly<Partial<Record<Runtime, string>>> = { v8: 'NODE_OPTIONS', jvm: 'JAVA_TOOL_OPTIONS' };

/** The heap flag that fits a memory limit: three quarters of it, the rest is for what lives outside the heap. */
function flagFor(runtime: Runtime, limitBytes: number): string | null {
  if (runtime === 'v8') return `--max-old-space-size=${Math.floor((limitBytes * 0.75) / MIB)}`;
  return runtime === 'jvm' ? '-XX:MaxRAMPercentage=75' : null;
}

function raiseSteps(evidence: Evidence, { runtime, area }: Meaning, set: HeapSetting | null): readonly Step[] {
  const { memoryLimit } = evidence.container.resources;
  const limit = parseQuantity(memoryLimit);
  const isHeap = area === 'the Java heap' || area === 'the JavaScript heap';
  const flag = limit && isHeap ? flagFor(runtime, limit) : null;
  const variable = set ? set.variable : (VARIABLES[runtime] ?? null);
  const done: DoneCondition = outlives(evidence);
  const known = variable ? evidence.container.env.find((one) => one.name === variable) : undefined;
  if (flag && variable && (known === undefined || known.value !== null)) {
    const before = known?.value ?? '';
    const value = set ? before.replace(set.setting, flag) : `${before} ${flag}`.trim();
    return [
      containerPatch(
        evidence,
        { env: [{ name: variable, value }] },
        {
          id: 'set-heap',
          title: `Set the heap to three quarters of the limit (${flag})`,
          text: `${set ? `It is set to ${set.setting} now` : 'Nothing sets it now, so the runtime chose'}; the memory limit is ${memoryLimit}. If it already uses that much, raise the limit too.`,
          done,
        },
      ),
    ];
  }
  const title =
    runtime === 'gpu'
      ? 'Let it use less of the GPU, or give it a larger one'
      : set
        ? `Raise ${set.setting}`
        : `Raise ${area}`;
  const text =
    runtime === 'gpu'
      ? 'A smaller batch or context, a quantised model, or no other process on the same GPU.'
      : `The limit lies inside the program, not in Kubernetes${memoryLimit ? `: the container may use ${memoryLimit}` : ''}. Keep it below the memory limit, with room for what lives outside the heap.`;
  return [step('raise-heap', title, text, editWorkload(evidence), done)];
}

/**
 * The language runtime ran out of its own heap, below the memory limit of the container.
 *
 * The runtime's own text names the area. With `OOMKilled` the kernel was first (`oom-killed`). "Unable to create native
 * thread" and "Map failed" carry the same exception type and are limits of the kernel (`kernel-limit`).
 */
export const heapExhausted = defineRule({
  id: 'heap-exhausted',
  cause: 'heap-exhausted',
  title: 'Heap of the language runtime exhausted, below the memory limit',
  docs: 'https://kubernetes.io/docs/tasks/configure-pod-container/assign-memory-resource/',
  doc: {
    describe: '`Error` with exit 1, 3, 134, 137 or 139 and not `OOMKilled`: the kernel never had to act.',
    logs: '`JavaScript heap out of memory`, `java.lang.OutOfMemoryError: Java heap space`, `Allowed memory size … exhausted`, `OutOfMemoryException`.',
    steps: [
      'Compare the heap setting (`-Xmx`, `--max-old-space-size`, `memory_limit`) with the memory limit.',
      'Give the heap three quarters of the limit; raise both where the program needs more.',
      'Where use grows without end, take a heap dump before raising anything.',
    ],
    prevention: 'Set the heap as a share of the memory limit (`-XX:MaxRAMPercentage`), and alert on its use.',
  },
  needs: ['log'],
  specificity: 3,
  supersedes: ['app-exception', 'exits-early', 'probe-too-early', 'probe-wrong'],
  detect: (evidence) => {
    const match = matchLog(evidence, SIGNATURES);
    if (!match) return null;
    const { meaning } = match;
    const confidence = logConfidence(evidence, match);
    const set = findHeapSetting(evidence);
    const exit = exitFact(evidence);
    const { memoryLimit } = evidence.container.resources;
    const extra: Fact[] = [
      ...(set ? [specFact(evidence, set.field, set.setting, 'What its spec sets')] : []),
      ...(memoryLimit
        ? [
            specFact(
              evidence,
              'resources.limits.memory',
              memoryLimit,
              'Its memory limit, which the kernel did not see hit',
            ),
          ]
        : []),
      ...(exit ? [exit] : []),
    ];
    return {
      confidence,
      what: `${meaning.area.replace(/^the /, '')} is exhausted`,
      sentence: headline(
        evidence,
        confidence,
        `${meaning.area} is exhausted${set ? ` (${set.setting})` : ''}${memoryLimit && meaning.runtime !== 'gpu' ? ` below its memory limit of ${memoryLimit}` : ''}`,
      ),
      facts: [logFact(match.log, match.no, 'What the runtime says'), ...extra],
      steps: [
        ...raiseSteps(evidence, meaning, set),
        step(
          'compare-use',
          'Compare with what the container uses',
          'A use that climbs from start to end is a leak, which a larger heap only delays; then take a heap dump.',
          kubectl(evidence, 'top', 'pod', evidence.pod.name, '--containers'),
        ),
        step(
          'read-log',
          'Read what it did last',
          'The work before the last lines is what needed the memory.',
          logsCommand(evidence),
        ),
        ...rollbackStep(evidence, 'If the revision before needed less, go back to it while you look.'),
      ],
    };
  },
});
