import { at, container, ended, pod, running, waiting } from '@/lib/domain/pod-fixture';
import type { PodSnapshot } from '@/lib/domain/pod-snapshot';
import type { LoopEntry } from './loop-entry';
import { LoopTable } from './loop-table';
import { groupKey } from './pod-census';

/** Deployment `web` of the fixture pods, as guessed from a pod. Tests only. */
export const WEB = { kind: 'Deployment', namespace: 'shop', name: 'web' } as const;
export const WEB_GROUP = groupKey(WEB);

const BACK_OFF = 'back-off 40s restarting failed container=app pod=web-7d4b9c-x2x1z_shop(uid-web-0)';

/** A pod whose container waits after its `n`-th crash; it lived 2 s and ended `n` minutes after 12:00. Tests only. */
export function crashed(n: number, over: Partial<PodSnapshot> = {}, message = BACK_OFF): PodSnapshot {
  const finishedAt = at('12:00:00') + n * 60_000;
  return pod(
    [
      container({
        restartCount: n - 1,
        containerId: `containerd://${n}`,
        state: waiting('CrashLoopBackOff', message),
        lastTermination: ended({ containerId: `containerd://${n}`, startedAt: finishedAt - 2_000, finishedAt }),
      }),
    ],
    over,
  );
}

/** A pod that runs well since 11:00. Tests only. */
export function well(over: Partial<PodSnapshot> = {}): PodSnapshot {
  return pod([container({ containerId: 'containerd://w', state: running(at('11:00:00')) })], over);
}

/** A table that holds `web` after so many crashes of its one pod. Tests only. */
export function tableOfWeb(crashes: number): { readonly table: LoopTable; readonly entry: LoopEntry } {
  const table = new LoopTable();
  const entry = table.suspected(WEB_GROUP, WEB, { name: 'app', type: 'app', image: 'registry.example/app:1' });
  for (let n = 1; n <= crashes; n++) table.seen(entry, crashed(n), at('12:00:01') + n * 60_000);
  return { table, entry };
}
