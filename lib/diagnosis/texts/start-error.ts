import type { Evidence } from '@/lib/diagnosis/evidence';
import { eventFact, statusFact } from '@/lib/diagnosis/facts';
import { eventsOf } from '@/lib/diagnosis/probe-kill';
import type { Fact } from '@/lib/diagnosis/verdict';

/** A text with which kubelet or runtime refused to make or start the container. */
export interface StartError {
  readonly text: string;
  readonly fact: Fact;
}

const START_REASONS = new Set(['StartError', 'ContainerCannotRun']);
const WAIT_REASONS = new Set([
  'RunContainerError',
  'CreateContainerError',
  'CreateContainerConfigError',
  'PreCreateHookError',
  'PreStartHookError',
]);

/**
 * The texts of start errors, most direct first: the terminated record of a start that failed, what the container
 * waits on, then `Failed` events about it (crash-semantics 3.1, 3.2 and 7.B).
 */
export function startErrors(evidence: Evidence): readonly StartError[] {
  const { status, lastTermination } = evidence;
  const errors: StartError[] = [];
  if (lastTermination && START_REASONS.has(lastTermination.reason)) {
    const field = status.state.kind === 'terminated' ? 'state' : 'lastState';
    errors.push({
      text: lastTermination.message,
      fact: statusFact(
        evidence,
        `${field}.terminated.message`,
        lastTermination.message,
        'Why the runtime could not start it',
      ),
    });
  }
  if (status.state.kind === 'waiting' && WAIT_REASONS.has(status.state.reason)) {
    errors.push({
      text: status.state.message,
      fact: statusFact(evidence, 'state.waiting.message', status.state.message, 'What it waits on'),
    });
  }
  const started = eventsOf(evidence, 'Started').at(-1)?.last ?? 0;
  for (const event of eventsOf(evidence, 'Failed').toReversed()) {
    const isOver = status.state.kind === 'running' || (event.last ?? 0) < started;
    if (/^Error: /.test(event.message) && !isOver && errors.length < 4) {
      errors.push({ text: event.message.replace(/^Error: /, ''), fact: eventFact(event, 'What the kubelet reports') });
    }
  }
  // CRI-O quotes the runtime's own log line, with its quotes escaped.
  return errors
    .filter((error) => error.text !== '')
    .map((error) => ({ ...error, text: error.text.replaceAll('\\"', '"') }));
}

/** The first start error in which a pattern stands, with the match. */
export function matchStartError(
  evidence: Evidence,
  pattern: RegExp,
): { readonly error: StartError; readonly match: RegExpExecArray } | null {
  for (const error of startErrors(evidence)) {
    const match = pattern.exec(error.text.slice(0, 4096));
    if (match) return { error, match };
  }
  return null;
}

const NOT_FOUND: readonly RegExp[] = [
  /exec: "([^"]{1,1000})": (?:executable file not found in \$PATH|stat [^:]{1,1000}: no such file or directory|no such file or directory)/,
  /exec: "([^"]{1,1000})": (?:is a directory|permission denied)/,
  /exec ([^\s:]{1,1000}): (?:no such file or directory|permission denied|is a directory)/,
  /(?:stat|lstat) ([^\s:]{1,1000}): no such file or directory/,
];

/** The executable that the runtime could not run, and whether it is absent or only not executable. */
export function missingExecutable(evidence: Evidence): {
  readonly name: string;
  readonly denied: boolean;
  readonly isDirectory: boolean;
  readonly error: StartError;
} | null {
  for (const pattern of NOT_FOUND) {
    const found = matchStartError(evidence, pattern);
    if (!found || /error mounting/.test(found.error.text)) continue;
    const [whole, name = ''] = found.match;
    return {
      name,
      denied: whole.endsWith('permission denied'),
      isDirectory: whole.endsWith('is a directory'),
      error: found.error,
    };
  }
  return null;
}
