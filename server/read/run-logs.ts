import 'server-only';
import type { RunBody } from '@/lib/contract/diagnosis';
import type { Run } from '@/lib/domain/loop';
import type { Sight } from '@/lib/domain/viewer';
import type { Unwritten } from '@/server/loops/live-cluster';
import type { Store } from '@/server/store/store';

/** Why a run has no log of which nothing else is recorded. */
export const NO_LOG =
  'no log of this run was read: Unloop was not watching when it ended, or the next crash erased it before it could be read';

/** Why a viewer who may see pods but no logs gets none. */
export const NO_RIGHT_TO_LOGS = 'you may not read logs (get pods/log)';

/** While a run's log may still be being read. */
const READING_MS = 30_000;

type LogStates = Awaited<ReturnType<Store['logStates']>>;

/** How the logs of a namespace's runs stand for the viewer, those on their way into the history among them. */
export async function logStatesOf(
  store: Store,
  sight: Sight,
  namespace: string,
  unwritten: Unwritten,
  runIds: readonly string[],
): Promise<LogStates> {
  if (!sight.canSee(namespace, 'pods/log')) {
    return new Map(runIds.map((id) => [id, { state: 'missing', text: NO_RIGHT_TO_LOGS, lines: null }]));
  }
  const states = new Map(await store.logStates(sight.cluster, runIds));
  for (const id of runIds) {
    const queued = unwritten.log(id);
    if (queued?.state === 'held') {
      const { head, tail } = queued.text;
      states.set(id, { state: 'held', text: '', lines: linesIn(head) + linesIn(tail) });
    } else if (queued && !states.has(id)) states.set(id, { state: 'missing', text: queued.reason, lines: null });
  }
  return states;
}

/** What a diagnosis says of a run's log. */
export function logWords(run: Run, isAlive: boolean, states: LogStates): Pick<RunBody, 'log' | 'logText' | 'logLines'> {
  if (isAlive) return { log: 'running', logText: '', logLines: null };
  const known = states.get(run.id);
  if (known) return { log: known.state, logText: known.text, logLines: known.lines };
  if (run.exitCode === null) return { log: 'missing', logText: 'the end of this run was not seen', logLines: null };
  const isReading = (run.observedAt ?? 0) > Date.now() - READING_MS;
  return { log: isReading ? 'pending' : 'missing', logText: isReading ? '' : NO_LOG, logLines: null };
}

function linesIn(text: string): number {
  return text === '' ? 0 : text.replace(/\n$/, '').split('\n').length;
}
