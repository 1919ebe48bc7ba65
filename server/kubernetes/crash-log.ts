import type { LogText } from '@/lib/domain/collected';
import type { ContainerSnapshot, PodSnapshot } from '@/lib/domain/pod-snapshot';
import type { EpochMs } from '@/lib/domain/time';
import { UnloopError } from '@/lib/domain/unloop-error';
import { isTimeout, withDeadline } from './deadline';
import { decodePod } from './decode-pod';
import { Interner } from './intern';
import { type KubeClient, pause } from './kube-client';
import { KubeError, messageOf } from './kube-error';
import { LogKeeper } from './log-keeper';
import { LogSlots } from './log-slots';
import { PROTOBUF } from './media-type';
import { readBody } from './read-body';
import { toPodSnapshot } from './to-pod-snapshot';
import { unwrapObject } from './wire';

/** The log of which run of which container. */
export interface CrashLogRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** Name of the node; limits how many logs are read from one kubelet at a time. May be empty. */
  readonly node: string;
  /** Whether a newer run of the container was alive when the request was made: then the ended run is the previous one. */
  readonly isRunning: boolean;
  /** The run that is wanted; empty for whichever the kubelet holds. */
  readonly containerId: string;
  /** When that run ended, as the kubelet says (whole seconds); null where it is alive or where that is not known. */
  readonly endedAt: EpochMs | null;
}

export type CrashLog =
  | { readonly state: 'held'; readonly text: LogText }
  | { readonly state: 'missing'; readonly reason: string };

/** Between a death and the next start the kubelet may answer neither call for some seconds. */
const PAUSES_MS = [100, 200, 400, 700, 1_000, 1_200, 1_200, 1_200];
/** A kubelet that does not answer is asked this often. */
const UNANSWERED_TRIES = 3;
const READ_MS = 20_000;
/** A run that has only begun has written nothing yet, and stands where the ended one was a moment ago. */
const EMPTY_AGAIN_MS = 1_000;
const TOO_FAST = 'the container restarted faster than its log could be read';
/** The kubelet may send its error as the body of a 200 (crash-semantics 3.8, 12.2). Log lines begin with a timestamp. */
const ERROR_BODY = /^(?:unable to retrieve container logs for |failed to try resolving symlinks in path )/;
const slots = new WeakMap<KubeClient, LogSlots>();

/**
 * Reads head and tail of one run's log, by the rules of crash-semantics 3.8: `previous=true` only while a newer run is alive. After each
 * read the pod is read as well: the log counts only if the wanted run (`containerId`) still stood where the log was asked for, since
 * an instance never comes back to a place it has left. The API lags behind the kubelet: lines written after the run's end are another's,
 * and an empty log is asked for twice. In the gap in which the kubelet answers neither call it tries 8 times
 * over 6 s. At most 20 logs are read at a time, 4 of one node; one that waits for its next try keeps nobody else waiting. Throws only
 * what the signal aborts with.
 */
export async function readCrashLog(
  client: KubeClient,
  request: CrashLogRequest,
  signal: AbortSignal,
): Promise<CrashLog> {
  const limit = slots.get(client) ?? new LogSlots(20, 4);
  slots.set(client, limit);
  let previous = request.isRunning;
  let reason = '';
  let unanswered = 0;
  let wasEmpty = false;
  for (let attempt = 0; attempt <= PAUSES_MS.length; attempt++) {
    if (attempt > 0) await pause(PAUSES_MS[attempt - 1] ?? 1_000, signal);
    const asksPrevious = previous;
    const answer = await limit.use(request.node, signal, () => readOnce(client, request, asksPrevious, signal));
    const isAnothers = 'text' in answer && isOfLaterRun(answer.text, request.endedAt);
    const read: Read = isAnothers ? { retry: TOO_FAST, isUnanswered: false } : answer;
    if ('final' in read) return { state: 'missing', reason: read.final };
    if ('retry' in read) {
      reason = read.retry;
      if (read.isUnanswered && ++unanswered >= UNANSWERED_TRIES) break;
    }
    if (request.containerId === '') {
      if ('text' in read) return { state: 'held', text: read.text };
      continue;
    }
    const place = await placeOf(client, request, signal);
    if (place === 'unknown') {
      // The pod cannot be read: what was got is most likely right, and better than nothing.
      if ('text' in read) return { state: 'held', text: read.text };
      continue;
    }
    if (place === 'pod-gone') {
      if ('text' in read) return { state: 'held', text: read.text };
      return { state: 'missing', reason: 'the pod was deleted before its log could be read' };
    }
    if (place === 'gone') {
      return {
        state: 'missing',
        reason: 'the container has run and ended again since; the kubelet keeps one earlier log only',
      };
    }
    const isPrevious = place === 'previous';
    if ('text' in read && isPrevious === previous) {
      const mayBeAnothers = read.text.head === '' && !isPrevious && request.endedAt !== null;
      if (!mayBeAnothers || wasEmpty) return { state: 'held', text: read.text };
      wasEmpty = true;
      await pause(EMPTY_AGAIN_MS, signal);
    }
    previous = isPrevious;
  }
  return { state: 'missing', reason: reason || TOO_FAST };
}

/** Whether a log with timestamps begins after the run's end, whose fraction of a second is not known. */
function isOfLaterRun({ head, stamped }: LogText, endedAt: EpochMs | null): boolean {
  if (endedAt === null || !stamped || head === '') return false;
  const first = Date.parse(head.slice(0, head.indexOf(' ')));
  return first >= endedAt + 2_000;
}

type Read =
  | { readonly text: LogText }
  | { readonly retry: string; readonly isUnanswered: boolean }
  | { readonly final: string };

async function readOnce(
  client: KubeClient,
  request: CrashLogRequest,
  previous: boolean,
  signal: AbortSignal,
): Promise<Read> {
  const { namespace, pod, container } = request;
  const query = new URLSearchParams({ container, timestamps: 'true' });
  if (previous) query.set('previous', 'true');
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log?${query}`;
  const keeper = new LogKeeper();
  let hasBytes = false;
  try {
    const isScheduled = await withDeadline(READ_MS, signal, async (inTime) => {
      const stream = await client.open('GET', path, { accept: '*/*', signal: inTime, bodyTimeout: READ_MS });
      if (stream.status === 204) {
        stream.body.destroy();
        return false;
      }
      for await (const chunk of stream.body) {
        hasBytes = true;
        keeper.push(chunk);
      }
      return true;
    });
    if (!isScheduled) return { final: 'the pod has no node yet, so nothing has run' };
  } catch (error) {
    signal.throwIfAborted();
    // A log that is cut off is worth more than none.
    if (!hasBytes) return failureOf(error);
  }
  const text = keeper.finish();
  if (ERROR_BODY.test(text.head) && !text.head.includes('\n')) {
    return { retry: 'the container runtime no longer holds this log', isUnanswered: false };
  }
  return { text };
}

/** What the kubelet's texts mean (crash-semantics 3.8). */
function failureOf(error: unknown): Read {
  if (isTimeout(error)) return { retry: `the kubelet did not answer within ${READ_MS / 1000} s`, isUnanswered: true };
  if (error instanceof UnloopError) return { retry: error.message, isUnanswered: true };
  if (!(error instanceof KubeError)) return { retry: messageOf(error), isUnanswered: true };
  const text = messageOf(error);
  if (error.status === 401) return { final: 'the credentials were refused' };
  if (error.status === 403) return { final: 'not permitted to read logs: grant get on pods/log' };
  if (error.status === 404) return { final: 'the pod was deleted before its log could be read' };
  if (/is not valid for pod/.test(text)) return { final: 'the pod has no such container' };
  if (/is waiting to start/.test(text))
    return { retry: 'the container never started, so it wrote no log', isUnanswered: true };
  if (/previous terminated container .* not found/.test(text)) {
    return { retry: 'the kubelet keeps no log of an earlier run', isUnanswered: false };
  }
  if (/is not available|is terminated|unable to retrieve container logs|failed to (?:try resolving|open)/.test(text)) {
    return { retry: 'the container runtime no longer holds this log', isUnanswered: false };
  }
  if (error.status >= 500) return { retry: `the node's kubelet could not be asked: ${text}`, isUnanswered: true };
  return { retry: text, isUnanswered: false };
}

/** Where the wanted run stands now: the one `previous=true` gives, the one a plain call gives, or neither. */
async function placeOf(
  client: KubeClient,
  request: CrashLogRequest,
  signal: AbortSignal,
): Promise<'previous' | 'current' | 'gone' | 'pod-gone' | 'unknown'> {
  let pod: PodSnapshot;
  try {
    pod = await withDeadline(5_000, signal, async (inTime) => await readPod(client, request, inTime));
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof KubeError && error.status === 404 ? 'pod-gone' : 'unknown';
  }
  const status = [...pod.app, ...pod.init].find((each) => each.name === request.container);
  return status ? placeIn(status, request.containerId) : 'unknown';
}

/** Exported for its test. */
export function placeIn(status: ContainerSnapshot, containerId: string): 'previous' | 'current' | 'gone' {
  const { state, lastTermination } = status;
  if (state.kind === 'running') {
    // A run that ended is the previous one; the one that is alive is read plainly.
    if (lastTermination?.containerId === containerId) return 'previous';
    return status.containerId === containerId ? 'current' : 'gone';
  }
  if (state.kind === 'terminated') {
    if (state.containerId === containerId) return 'current';
    // Just after a death the run before it may still be held.
    return lastTermination?.containerId === containerId ? 'previous' : 'gone';
  }
  return lastTermination?.containerId === containerId || status.containerId === containerId ? 'current' : 'gone';
}

async function readPod(client: KubeClient, request: CrashLogRequest, signal: AbortSignal): Promise<PodSnapshot> {
  const path = `/api/v1/namespaces/${encodeURIComponent(request.namespace)}/pods/${encodeURIComponent(request.pod)}`;
  const stream = await client.open('GET', path, { accept: `${PROTOBUF},application/json`, signal });
  const bytes = await readBody(stream);
  const intern = new Interner();
  if (stream.contentType !== PROTOBUF) return toPodSnapshot(JSON.parse(bytes.toString('utf8')), intern);
  const { pos, end } = unwrapObject(bytes, 0, bytes.length);
  return decodePod(bytes, intern, pos, end);
}
