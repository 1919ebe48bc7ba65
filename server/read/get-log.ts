import 'server-only';
import type { LogText } from '@/lib/diagnosis/evidence-source';
import { containerOf } from '@/lib/domain/container-exits';
import { redactLog } from '@/lib/domain/redact/text';
import { UnloopError } from '@/lib/domain/unloop-error';
import { canSee } from '@/lib/domain/viewer';
import { clusterOf, runtime } from '@/server/runtime-slot';
import type { ReadContext } from './context';
import { NO_LOG, NO_RIGHT_TO_LOGS } from './run-logs';

/** Which log is asked for. */
export interface LogQuery {
  readonly cluster: string;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** The id of a run: its recorded log. `current` or `previous`: read now. */
  readonly run: string;
}

/** A log as text with the range that is held. */
export interface RunLog {
  /** Head and tail joined; where lines were left out, they lie before line `gapBefore` (from 1). */
  readonly text: string;
  readonly skippedLines: number;
  readonly gapBefore: number | null;
  /** True where lines start with the kubelet's timestamp and one space. */
  readonly stamped: boolean;
  readonly runId: string;
}

/** What earlier versions stored may hold credentials. */
function shown(text: LogText): LogText {
  return { ...text, head: redactLog(text.head), tail: redactLog(text.tail) };
}

function join(text: { head: string; tail: string; skippedLines: number; stamped: boolean }, runId: string): RunLog {
  if (text.tail === '') return { text: text.head, skippedLines: 0, gapBefore: null, stamped: text.stamped, runId };
  const head = text.head.endsWith('\n') ? text.head : `${text.head}\n`;
  const lines = head.split('\n').length - 1;
  return {
    text: head + text.tail,
    skippedLines: text.skippedLines,
    gapBefore: lines + 1,
    stamped: text.stamped,
    runId,
  };
}

/**
 * A run's log. Throws `not-found` with the reason why there is none (never ran, not kept, pod gone), `forbidden-by-cluster` where the
 * viewer may see the pod but not its logs.
 */
export async function getRunLog(
  { viewer }: ReadContext,
  { cluster, namespace, pod, container, run }: LogQuery,
): Promise<RunLog> {
  const { live, readLog } = clusterOf(viewer, cluster);
  const seesPods = canSee(viewer, { cluster, namespace, kind: 'pods' });
  if (seesPods && !canSee(viewer, { cluster, namespace, kind: 'pods/log' })) {
    throw new UnloopError('forbidden-by-cluster', `${NO_RIGHT_TO_LOGS} in ${namespace}`);
  }
  if (run !== 'current' && run !== 'previous') {
    const { store } = runtime();
    const queued = live.unwritten.log(run);
    const found = seesPods ? (live.unwritten.run(run) ?? (await store.run(cluster, run))) : null;
    if (!found || found.namespace !== namespace || found.podName !== pod || found.container !== container) {
      throw new UnloopError(
        'not-found',
        `run "${run}" of ${namespace}/${pod}/${container} is not recorded`,
        'The runs of a diagnosis list the ids that are.',
      );
    }
    const log = queued?.state === 'held' ? queued : ((await store.log(cluster, run)) ?? queued);
    if (log?.state === 'held') return join(shown(log.text), run);
    if (found.exitCode !== null)
      throw new UnloopError('not-found', log?.reason ?? NO_LOG, 'Older runs keep their times and exit codes only.');
  }
  let snapshot = null;
  for (const known of live.pods.values()) if (known.namespace === namespace && known.name === pod) snapshot = known;
  if (!snapshot || !seesPods)
    throw new UnloopError(
      'not-found',
      `pod ${namespace}/${pod} is gone`,
      'Recorded runs keep their logs: ask for one by its id.',
    );
  const status = containerOf(snapshot, container);
  const read = await readLog(
    {
      namespace,
      pod,
      container,
      node: snapshot.nodeName,
      isRunning: run === 'previous' && status?.state.kind === 'running',
      containerId: '',
      endedAt: null,
    },
    AbortSignal.timeout(15_000),
  );
  if (read.state === 'missing') throw new UnloopError('not-found', read.reason, 'Choose a recorded run.');
  return join(read.text, run);
}
