import { logsCommand, rollbackStep, step } from '@/lib/diagnosis/commands';
import { exitFact, logFact } from '@/lib/diagnosis/facts';
import { type DecisiveLine, findDecisiveLine, rankStatements } from '@/lib/diagnosis/log/decisive-line';
import type { StatementKind } from '@/lib/diagnosis/log/statement';
import { findProbeKill } from '@/lib/diagnosis/probe-kill';
import { defineRule } from '@/lib/diagnosis/rule';
import type { Confidence, Fact } from '@/lib/diagnosis/verdict';
import { headline, shorten } from '@/lib/diagnosis/wording';
import { signalName } from '@/lib/domain/exit-code';

const LANGUAGES: Readonly<Partial<Record<StatementKind, string>>> = {
  go: 'Go panic',
  rust: 'Rust panic',
  python: 'Python exception',
  java: 'Java exception',
  dotnet: '.NET exception',
  node: 'JavaScript error',
  ruby: 'Ruby exception',
  php: 'PHP error',
  native: 'crash of native code',
  erlang: 'Erlang exit',
};
/** Errors that a program makes by itself, whatever its surroundings: mistakes in its code or in the data it holds. */
const OWN_FAULT =
  /nil pointer|null pointer|NullPointer|NullReference|invalid memory address|index out of (?:range|bounds)|IndexOutOfBounds|out of bounds|AssertionError|assertion|(?:Type|Reference|Attribute|Name|Index|Key|Value|ZeroDivision|Syntax|Range|Recursion|UnboundLocal|NotImplemented|Indentation)Error|undefined method|undefined local variable|ClassCast|IllegalState|IllegalArgument|StackOverflow|Segmentation fault|SIGSEGV|concurrent map|deadlock|unwrap\(\)|called `(?:Option|Result)|BadMapError|FunctionClauseError|MatchError|ArithmeticError|UndefinedFunctionError|InvalidOperation|KeyNotFound|ConcurrentModification|NoMethodError|ArgumentError|divide by zero|is not a function|is not defined|Cannot read propert|unreachable|core dumped|double free|stack smashing|\bpanic\b/i;
/** The name of an exception's type, without its report: the log was cut, or the program printed no more. */
const TYPED = /(?:^|[\s(.:])[A-Z]\w{2,60}(?:Error|Exception)\b/;
/** Signals that a program raises by its own fault. SIGILL (132) belongs to the processor, SIGBUS (135) to memory and disk. */
const CRASH_SIGNALS = new Set([133, 134, 136, 139]);

function confidenceOf(line: DecisiveLine, score: number, isKilled: boolean, exitCode: number | undefined): Confidence {
  if (isKilled && score < 90) return 'possible';
  if (exitCode === 0) return 'possible';
  const isReport = LANGUAGES[line.kind] !== undefined;
  if (isReport && line.level === 'fatal') return 'likely';
  return isReport && OWN_FAULT.test(`${line.exceptionType} ${line.message}`) ? 'likely' : 'possible';
}

/**
 * The program ends by an exception, panic or crash of its own.
 *
 * It speaks last: any rule that knows what the exception is about (a module, a setting, a refused connection) explains it better.
 * The report of a language's runtime makes it likely; a fatal line without one only possible.
 */
export const appException = defineRule({
  id: 'app-exception',
  cause: 'app-exception',
  title: 'Unhandled exception or panic in the program',
  docs: 'https://kubernetes.io/docs/tasks/debug/debug-application/debug-running-pod/',
  doc: {
    describe: '`Error` with exit 1, 2, 101, 134 or 139, seconds or hours after the start.',
    logs: 'The report of the language: `panic:`, `Traceback`, `Exception in thread`, `Unhandled exception`, `Segmentation fault`.',
    steps: [
      'Read the exception that is named innermost and the first frame of your own code.',
      'Where it began with a revision, roll back.',
      'Reproduce it with the same input outside the cluster.',
    ],
    prevention:
      'Start the new image against real configuration in CI, and roll out step by step with a readiness probe.',
  },
  needs: [],
  specificity: 1,
  detect: (evidence) => {
    const last = evidence.lastTermination;
    if (last?.reason === 'OOMKilled' || last?.reason === 'StartError') return null;
    const line = evidence.log ? findDecisiveLine(evidence.log) : null;
    const exit = exitFact(evidence);
    const score = evidence.log ? (rankStatements(evidence.log)[0]?.score ?? 0) : 0;
    const isKilled = findProbeKill(evidence) !== null;
    const isSignal = last !== undefined && CRASH_SIGNALS.has(last.exitCode);
    const read = step(
      'read-log',
      'Read the whole report',
      'The first frame of your own code is where to look.',
      logsCommand(evidence),
    );
    const back = rollbackStep(evidence, 'Brings the service back where this revision brought the error.');
    const isReport = line !== null && (LANGUAGES[line.kind] !== undefined || line.level === 'fatal');
    const isTyped = line !== null && last?.exitCode !== 0 && TYPED.test(line.message);
    if (line && evidence.log && (isReport || isTyped) && last) {
      const confidence = isSignal ? 'likely' : confidenceOf(line, score, isKilled, last.exitCode);
      const language = LANGUAGES[line.kind] ?? (line.level === 'fatal' ? 'fatal error' : 'exception');
      const facts: [Fact, ...Fact[]] = [logFact(evidence.log, line.no, 'The line that decides')];
      if (exit) facts.push(exit);
      return {
        confidence,
        what: shorten(line.message, 60),
        sentence: headline(
          evidence,
          confidence,
          `${/^[aeiouE]/.test(language) ? 'an' : 'a'} ${language} ends it: ${shorten(line.message, 110)}`,
        ),
        facts,
        steps: [read, ...back],
      };
    }
    if (!isSignal || !exit) return null;
    const signal = signalName(last.exitCode) ?? `exit ${last.exitCode}`;
    return {
      confidence: 'possible',
      what: `native code crashes (${signal})`,
      sentence: headline(evidence, 'possible', `its native code crashes with ${signal}`),
      facts: [exit],
      steps: [read, ...back],
    };
  },
});
