/** Linux signals 1 to 31 in order (signal(7), x86 and ARM). */
const SIGNALS = [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGILL',
  'SIGTRAP',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGKILL',
  'SIGUSR1',
  'SIGSEGV',
  'SIGUSR2',
  'SIGPIPE',
  'SIGALRM',
  'SIGTERM',
  'SIGSTKFLT',
  'SIGCHLD',
  'SIGCONT',
  'SIGSTOP',
  'SIGTSTP',
  'SIGTTIN',
  'SIGTTOU',
  'SIGURG',
  'SIGXCPU',
  'SIGXFSZ',
  'SIGVTALRM',
  'SIGPROF',
  'SIGWINCH',
  'SIGIO',
  'SIGPWR',
  'SIGSYS',
] as const;

/** Signals that are ignored, or stop or continue a process, and so end none unless it asks for it (signal(7)). */
const ENDS_NOTHING: ReadonlySet<string> = new Set([
  'SIGCHLD',
  'SIGCONT',
  'SIGSTOP',
  'SIGTSTP',
  'SIGTTIN',
  'SIGTTOU',
  'SIGURG',
  'SIGWINCH',
]);

/**
 * The name of the signal that an exit code stands for (137 → `SIGKILL`); null outside 129..159 and for signals that end no
 * process: such a code is the program's own. Kubelets never fill `terminated.signal`, so the code is all there is
 * (crash-semantics 3.3).
 */
export function signalName(exitCode: number): string | null {
  const name = SIGNALS[exitCode - 129];
  return name === undefined || ENDS_NOTHING.has(name) ? null : name;
}

/** What the runtime's or kubelet's own word says, where it tells more than the code (crash-semantics 3.2). */
const REASONS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    StartError: 'never started: the runtime could not run its command',
    ContainerCannotRun: 'never started: the runtime could not run its command',
    ContainerStatusUnknown: 'the kubelet lost sight of it, how it ended is unknown',
    RestartingAllContainers: 'stopped with the whole pod, by the restart rule of one of its containers',
    'seccomp killed': 'killed for a system call that its seccomp profile forbids',
  }),
);

/** What a code usually means (crash-semantics 3.3). Codes of programs' own choosing are left out. */
const CODES: Readonly<Record<number, string>> = {
  0: 'ended normally',
  1: 'ended with a general error',
  2: 'ended with an error: wrong usage, or a panic',
  64: 'called with wrong arguments or options',
  65: 'given data that it cannot use',
  66: 'could not open its input',
  69: 'a service that it needs was unavailable',
  70: 'failed with an internal error',
  71: 'failed on an error of the operating system',
  73: 'could not create an output file',
  74: 'failed to read or write',
  77: 'lacked a permission',
  78: 'found its configuration unusable',
  101: 'panicked (Rust), or ended with an error of its own',
  125: 'a wrapper inside the container failed before the program',
  126: 'its command was found but could not be executed',
  127: 'its command or a shared library was not found',
  128: 'ended with an invalid exit argument',
  129: 'ended by a hang-up (SIGHUP)',
  130: 'interrupted (SIGINT)',
  131: 'asked to quit (SIGQUIT)',
  132: 'stopped at an instruction that this processor does not have (SIGILL)',
  133: 'stopped at a trap of its own (SIGTRAP)',
  134: 'aborted itself (SIGABRT)',
  135: 'read memory whose file was gone or whose disk was full (SIGBUS)',
  136: 'stopped at an arithmetic error (SIGFPE)',
  137: 'killed from outside (SIGKILL)',
  139: 'crashed on an invalid memory access (SIGSEGV)',
  141: 'wrote to a pipe that nobody reads (SIGPIPE)',
  143: 'asked to stop (SIGTERM)',
  150: 'ended with 150: a .NET runtime that the program needs is missing',
  159: 'killed for a forbidden system call (SIGSYS)',
  255: 'ended with -1, or failed before the program ran',
  [-1073741510]: 'stopped by its console (Windows 0xC000013A)',
  [-1073741819]: 'crashed on an invalid memory access (Windows 0xC0000005)',
  [-1073741515]: 'a DLL was not found (Windows 0xC0000135)',
  [-1073741701]: 'an image of the wrong format (Windows 0xC000007B)',
  [-1073741502]: 'a DLL failed to initialise (Windows 0xC0000142)',
  [-1073740791]: 'stopped itself at once (Windows 0xC0000409)',
  [-1073740940]: 'its heap was corrupted (Windows 0xC0000374)',
  [-1073741571]: 'its stack overflowed (Windows 0xC00000FD)',
  [-532462766]: 'an unhandled .NET exception (Windows 0xE0434352)',
};

/**
 * Says in plain words how a run ended, as the predicate of a sentence whose subject is the container: "killed for lack of
 * memory (SIGKILL)". `reason` is `terminated.reason`, empty where unknown. Says only what code and reason prove: a bare 137
 * is "killed from outside", never a lack of memory (crash-semantics 3.4).
 */
export function describeExit(exitCode: number, reason: string): string {
  if (reason === 'OOMKilled') {
    return exitCode === 137
      ? 'killed for lack of memory (SIGKILL)'
      : `ended with ${exitCode}; a process in it had been killed for lack of memory`;
  }
  if (reason === 'Unknown' && exitCode === 255) return 'the runtime lost track of it, how it ended is unknown';
  const known = REASONS.get(reason) ?? CODES[exitCode];
  if (known !== undefined) return known;
  const signal = signalName(exitCode);
  if (signal !== null) return `ended by ${signal}`;
  if (exitCode < 0) return `ended with Windows status 0x${(exitCode >>> 0).toString(16).toUpperCase()}`;
  return `ended with code ${exitCode} of its own`;
}
