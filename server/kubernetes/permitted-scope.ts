import { isTimeout, withDeadline } from './deadline';
import { asList, asRecord, asText } from './json-field';
import type { KubeClient } from './kube-client';
import { KubeError, unreachable } from './kube-error';

const REVIEWS_AT_ONCE = 8;
const NAMESPACES_MAX = 500;

/** Where pods may be watched: `['*']` cluster-wide, or namespaces. `text` says in words what is left out; empty for all. */
export interface PermittedScope {
  readonly namespaces: readonly string[];
  readonly text: string;
}

/** How long an answer is waited for: until `signal` aborts, and `answerMs` milliseconds. */
interface Wait {
  readonly signal: AbortSignal;
  readonly answerMs: number;
}

/**
 * Finds out where this identity may list and watch pods. Access reviews decide, never a failed cluster-wide list: first
 * cluster-wide, else for `asked`, else the context's namespace and each of the namespaces it may list. Where the server knows no
 * reviews, cluster-wide is assumed and the watch itself tells. A question without answer for `answerMs` milliseconds means that the
 * server hangs. Throws as KubeClient for a server that cannot be reached or a 401.
 */
export async function permittedScope(
  client: KubeClient,
  asked: readonly string[] | null,
  signal: AbortSignal,
  answerMs: number,
): Promise<PermittedScope> {
  const wait = { signal, answerMs };
  if (asked && asked.length > 0) return await namedScope(client, [...new Set(asked)], wait);
  const everywhere = await mayWatchPods(client, '', wait);
  if (everywhere !== false) return { namespaces: ['*'], text: '' };
  const candidates = new Set<string>();
  if (client.namespace) candidates.add(client.namespace);
  for (const name of await listNamespaces(client, wait)) candidates.add(name);
  const names = [...candidates].slice(0, NAMESPACES_MAX);
  const permitted: string[] = [];
  for (let at = 0; at < names.length; at += REVIEWS_AT_ONCE) {
    const batch = names.slice(at, at + REVIEWS_AT_ONCE);
    const answers = await Promise.all(batch.map((name) => mayWatchPods(client, name, wait)));
    permitted.push(...batch.filter((_, index) => answers[index] === true));
  }
  const grant =
    'To see more, grant the verbs list and watch on pods and events (a ClusterRole for all namespaces), or name namespaces with --namespace.';
  if (permitted.length === 0) {
    return { namespaces: [], text: `These credentials may not list and watch pods in any namespace. ${grant}` };
  }
  return {
    namespaces: permitted,
    text: `Not permitted to list and watch pods in all namespaces; watched: ${permitted.slice(0, 10).join(', ')}${permitted.length > 10 ? ` and ${permitted.length - 10} more` : ''}. ${grant}`,
  };
}

/** The namespaces that were named, all of them: one that does not exist is said, and watched all the same for when it is made. */
async function namedScope(client: KubeClient, names: readonly string[], wait: Wait): Promise<PermittedScope> {
  const absent: string[] = [];
  for (let at = 0; at < names.length; at += REVIEWS_AT_ONCE) {
    const batch = names.slice(at, at + REVIEWS_AT_ONCE);
    const answers = await Promise.all(batch.map((name) => isAbsent(client, name, wait)));
    absent.push(...batch.filter((_, index) => answers[index]));
  }
  if (absent.length === 0) return { namespaces: names, text: '' };
  const [which, it] = absent.length === 1 ? ['Namespace', 'does'] : ['Namespaces', 'do'];
  return {
    namespaces: names,
    text: `${which} ${absent.join(', ')} ${it} not exist in this cluster. Check what --namespace says; what is made under that name is watched from then on.`,
  };
}

/** True where the server says that there is no such namespace; whoever may not ask is not told. */
async function isAbsent(client: KubeClient, name: string, wait: Wait): Promise<boolean> {
  try {
    const path = `/api/v1/namespaces/${encodeURIComponent(name)}`;
    await inTime(client, wait, (deadline) => client.json('GET', path, { signal: deadline }));
    return false;
  } catch (error) {
    if (error instanceof KubeError && error.status !== 401) return error.status === 404;
    throw error;
  }
}

/** Whether this identity may list and watch pods in a namespace (empty: all); null where the server answers no reviews. */
async function mayWatchPods(client: KubeClient, namespace: string, wait: Wait): Promise<boolean | null> {
  const answers = await Promise.all(['list', 'watch'].map((verb) => mayI(client, verb, 'pods', namespace, wait)));
  if (answers.includes(null)) return null;
  return answers.every((answer) => answer === true);
}

/**
 * Asks whether this identity may do `verb` on a core resource in a namespace (empty: all). Gives null where the server answers no
 * reviews (403, 404, 405, 501). Throws as KubeClient otherwise.
 */
async function mayI(
  client: KubeClient,
  verb: string,
  resource: string,
  namespace: string,
  wait: Wait,
): Promise<boolean | null> {
  try {
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb, resource, ...(namespace ? { namespace } : {}) } },
    };
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    const answer = await inTime(client, wait, (deadline) =>
      client.json('POST', path, { body: review, signal: deadline }),
    );
    const { allowed } = asRecord(asRecord(answer).status);
    return typeof allowed === 'boolean' ? allowed : null;
  } catch (error) {
    if (error instanceof KubeError && [403, 404, 405, 501].includes(error.status)) return null;
    throw error;
  }
}

async function listNamespaces(client: KubeClient, wait: Wait): Promise<readonly string[]> {
  try {
    const accept = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json';
    const list = await inTime(client, wait, (deadline) =>
      client.json('GET', '/api/v1/namespaces', { accept, signal: deadline }),
    );
    return asList(asRecord(list).items)
      .map((item) => asText(asRecord(asRecord(item).metadata).name))
      .filter((name) => name !== '');
  } catch (error) {
    if (error instanceof KubeError && error.status !== 401) return [];
    throw error;
  }
}

/** Throws UnloopError `cluster-unreachable` where no answer comes in time. */
async function inTime<T>(client: KubeClient, wait: Wait, ask: (deadline: AbortSignal) => Promise<T>): Promise<T> {
  try {
    return await withDeadline(wait.answerMs, wait.signal, ask);
  } catch (error) {
    if (wait.signal.aborted || !isTimeout(error)) throw error;
    throw unreachable(client.server, Object.assign(new Error('no answer'), { code: 'UND_ERR_HEADERS_TIMEOUT' }));
  }
}
