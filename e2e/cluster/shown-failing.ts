import { z } from 'zod';
import type { Kube, TableRow } from './kube';

/** STATUS words that tell of a container which cannot start: they fail without a restart. */
const CANNOT_START =
  /^(Init:)?(ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|CreateContainerConfigError|CreateContainerError|RunContainerError|CrashLoopBackOff)$/;

/**
 * Whether `kubectl get pods` shows a reader that the pods of a namespace fail: one cannot start, one restarted twice, or two
 * ended for good (`failed` are the pods of phase Failed). A single crash is not yet a loop.
 */
export function isShownFailing(pods: readonly TableRow[], failed: readonly TableRow[]): boolean {
  return (
    failed.length >= 2 || pods.some((pod) => CANNOT_START.test(pod.status) || Number.parseInt(pod.restarts, 10) >= 2)
  );
}

const EventsSchema = z.object({
  items: z.array(
    z.object({
      reason: z.string().optional(),
      metadata: z.object({ namespace: z.string(), creationTimestamp: z.string() }),
    }),
  ),
});

/** Namespaces with a Warning event that says why no container can be made; kubectl's STATUS stays `Pending` meanwhile. */
export async function namespacesWithoutStart(kube: Kube): Promise<ReadonlySet<string>> {
  const { items } = EventsSchema.parse(await kube.request('GET', '/api/v1/events?fieldSelector=type=Warning'));
  const reasons = new Set(['FailedScheduling', 'FailedMount', 'FailedCreate', 'FailedCreatePodSandBox']);
  return new Set(items.filter((event) => reasons.has(event.reason ?? '')).map((event) => event.metadata.namespace));
}
