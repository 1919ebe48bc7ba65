import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { redactText } from '@/lib/domain/redact/text';
import { UnloopError } from '@/lib/domain/unloop-error';
import { logLine } from '@/server/log';
import type { ClusterTarget } from './cluster-targets';
import type { KubeAccess } from './kube-access';
import { pause } from './kube-client';
import { inWords, messageOf } from './kube-error';

/** The entries of a kubeconfig that one target uses. Their names are of no account: what they say is. */
interface Entries {
  readonly cluster: Readonly<Record<string, unknown>>;
  readonly user: Readonly<Record<string, unknown>>;
  readonly namespace: string;
}

/** What a configuration that was corrected on disk changes for one target. */
export interface ConfigChange {
  readonly access: KubeAccess;
  /** Why all is asked anew, in one sentence; null where address, authority and credentials are the same. */
  readonly text: string | null;
}

/**
 * Reads the kubeconfig of a target again and again, and hands over what changed of the entries that the target uses. Another edit is
 * passed over. A file that is malformed, incomplete or away is said once on the log, and changes nothing: editors write by rename.
 */
export class ConfigFollower {
  readonly #target: ClusterTarget;
  readonly #changed: (change: ConfigChange) => void;
  #known: Entries | null;
  #content: string | null = null;
  #isBroken = false;

  constructor(target: ClusterTarget, changed: (change: ConfigChange) => void) {
    this.#target = target;
    this.#changed = changed;
    this.#known = target.kubeConfig && entriesOf(target.kubeConfig);
  }

  /** Looks every `everyMs` milliseconds until the signal aborts. Returns at once for a target that comes from no file. */
  async run(everyMs: number, signal: AbortSignal): Promise<void> {
    if (this.#target.files.length === 0) return;
    while (!signal.aborted) {
      try {
        await pause(everyMs, signal);
      } catch {
        return;
      }
      const content = await contentOf(this.#target.files);
      if (!signal.aborted && (content === null || content !== this.#content)) this.#look(content);
    }
  }

  #look(content: string | null): void {
    let access: KubeAccess | null | undefined;
    try {
      access = this.#target.reload?.();
    } catch (error) {
      this.#broken(error instanceof UnloopError ? inWords(error) : `${messageOf(error)}.`);
      return;
    }
    if (!access) {
      this.#broken('The context of this cluster, or the cluster that it names, is missing in it.');
      return;
    }
    this.#content = content;
    this.#isBroken = false;
    const entries = entriesOf(access);
    const before = this.#known;
    if (isDeepStrictEqual(before, entries)) return;
    this.#known = entries;
    const what = before ? differences(before, entries) : [];
    const text =
      what.length > 0
        ? `The kubeconfig names ${what.join(' and ')} for context "${access.context.name}": Unloop connects anew.`
        : null;
    logLine(
      'info',
      `kubeconfig of ${this.#target.id}`,
      text ?? `The kubeconfig names another namespace for context "${access.context.name}".`,
    );
    this.#changed({ access, text });
  }

  #broken(problem: string): void {
    this.#content = null;
    if (this.#isBroken) return;
    this.#isBroken = true;
    logLine('warn', `kubeconfig of ${this.#target.id}`, `${problem} Unloop goes on with what it read before.`);
  }
}

/** The texts of the files as one; null where a file cannot be read: whoever reads the configuration then says why. */
async function contentOf(files: readonly string[]): Promise<string | null> {
  try {
    return (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\0');
  } catch {
    return null;
  }
}

/** A copy, because the client library keeps the tokens that it renews in the user. */
function entriesOf({ cluster, user, context }: KubeAccess): Entries {
  const { name: _cluster, ...clusterEntry } = cluster;
  const { name: _user, ...userEntry } = user;
  return structuredClone({ cluster: clusterEntry, user: userEntry, namespace: context.namespace ?? '' });
}

function differences(before: Entries, after: Entries): readonly string[] {
  const what: string[] = [];
  const { server, caFile, caData, ...rest } = after.cluster;
  const { server: oldServer, caFile: oldFile, caData: oldData, ...oldRest } = before.cluster;
  if (server !== oldServer) what.push(`another address (${redactText(String(server))})`);
  if (caFile !== oldFile || caData !== oldData) what.push('another certificate authority');
  if (!isDeepStrictEqual(rest, oldRest)) what.push('other settings of the connection');
  if (!isDeepStrictEqual(after.user, before.user)) what.push('other credentials');
  return what;
}
