import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** A plugin may wait for a person to log in; one that takes longer than this (milliseconds) hangs. */
const PLUGIN_MS = 300_000;
const PRINTED_BYTES_MAX = 1024 * 1024;

/**
 * Runs the plugin `"$@"` in a process group of its own, and ends the whole group when file descriptor 3 closes: that happens when
 * Unloop asks for it, and also when Unloop is killed, since its end of the pipe dies with it.
 */
const LIFELINE = `
"$@" 3<&- &
plugin=$!
{ read -r _ <&3; kill -KILL 0; } >/dev/null 2>&1 &
guard=$!
exec 3<&-
wait "$plugin"
code=$?
kill -KILL "$guard" 2>/dev/null
exit "$code"`;

const CredentialSchema = z.object({
  status: z.object({
    token: z.string().nullish(),
    clientCertificateData: z.string().nullish(),
    clientKeyData: z.string().nullish(),
    expirationTimestamp: z.string().nullish(),
  }),
});

/** What a credential plugin gave, in the words of ExecCredential (client.authentication.k8s.io). */
export type ExecCredential = z.infer<typeof CredentialSchema>['status'];

/** The `exec` of a kubeconfig's user: how the plugin is started. */
export interface ExecCommand {
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
  readonly installHint?: unknown;
}

/** Asks the credential plugin of one user, keeps its answer until it expires, and lets no plugin outlive Unloop. */
export class ExecPlugin {
  readonly #exec: ExecCommand;
  readonly #deadlineMs: number;
  readonly #running = new Set<ChildProcess>();
  #kept: ExecCredential | null = null;

  constructor(exec: ExecCommand, deadlineMs = PLUGIN_MS) {
    this.#exec = exec;
    this.#deadlineMs = deadlineMs;
  }

  /**
   * The credential. Throws with code `ENOENT` where the plugin is not installed, with what it wrote to stderr where it fails,
   * and TypeError or SyntaxError where it prints no ExecCredential.
   */
  async credential(): Promise<ExecCredential> {
    const until = this.#kept?.expirationTimestamp;
    if (this.#kept && (!until || Date.parse(until) > Date.now())) return this.#kept;
    const env = { ...process.env };
    for (const { name, value } of this.#exec.env ?? []) env[name] = value;
    const command = await installed(this.#exec.command, env.PATH ?? '');
    const printed = await this.#run(command, env);
    const parsed = CredentialSchema.safeParse(JSON.parse(printed));
    if (!parsed.success) throw new TypeError('no ExecCredential');
    this.#kept = parsed.data.status;
    return this.#kept;
  }

  /** Ends what runs, with everything it started in its process group. */
  stop(): void {
    for (const child of this.#running) endGroup(child);
  }

  async #run(command: string, env: NodeJS.ProcessEnv): Promise<string> {
    const child = spawn('/bin/sh', ['-c', LIFELINE, 'unloop-plugin', command, ...(this.#exec.args ?? [])], {
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    this.#running.add(child);
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      endGroup(child);
    }, this.#deadlineMs);
    try {
      const [printed, said, code] = await Promise.all([read(child, 1), read(child, 2), exitOf(child)]);
      if (code !== 0) throw new Error(said);
      return printed;
    } catch (cause) {
      if (!isLate) throw cause;
      throw new Error(`it gave no answer within ${this.#deadlineMs / 1000} s and was ended`, { cause });
    } finally {
      clearTimeout(timer);
      this.#running.delete(child);
    }
  }
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code));
  });
}

async function read(child: ChildProcess, descriptor: 1 | 2): Promise<string> {
  const stream = descriptor === 1 ? child.stdout : child.stderr;
  let text = '';
  stream?.setEncoding('utf8');
  for await (const chunk of stream ?? []) if (text.length < PRINTED_BYTES_MAX) text += String(chunk);
  return text;
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  // What left the group may hold these open for ever.
  child.stdout?.destroy();
  child.stderr?.destroy();
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    // It ended by itself in this moment.
  }
}

/** The path of a command as a shell finds it. Throws with code `ENOENT`. */
async function installed(command: string, searchPath: string): Promise<string> {
  const places = command.includes('/')
    ? [command]
    : searchPath.split(path.delimiter).map((each) => path.join(each, command));
  for (const place of places) {
    const isThere = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path.resolve(place);
  }
  throw Object.assign(new Error(`${command} is not installed`), { code: 'ENOENT' });
}
