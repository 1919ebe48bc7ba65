import { expect, test } from 'vitest';
import { startDemoCluster } from '@/server/demo/start-demo-cluster';
import { PastRuns } from '@/server/pipeline/past-runs';
import { onEachEngine } from '@/server/store/test-engines';

onEachEngine('PastRuns', (given) => {
  test('records what a watch would have seen: every run in order, with the logs of the newest', async () => {
    const past = new PastRuns();
    const demo = await startDemoCluster({ seed: 7, onPast: (pod, at, readLog) => past.see(pod, at, readLog) });
    try {
      await past.record(given.store, 'demo');
      const runs = (await given.store.runsOfLoop('demo', 'deployments/shop/checkout/app', { limit: 200 })).toReversed();
      const [own = []] = [...Map.groupBy(runs, (run) => run.podUid).values()].sort((a, b) => b.length - a.length);
      expect(own.length).toBeGreaterThan(10);
      expect(own.map((run) => run.restartIndex)).toEqual(own.map((_, i) => i));
      expect(own.every((run) => run.missedBefore === 0)).toBe(true);
      const log = await given.store.log(
        'demo',
        own.at(-1)?.exitCode === null ? (own.at(-2)?.id ?? '') : (own.at(-1)?.id ?? ''),
      );
      expect(log?.state === 'held' ? log.text.head : '').toContain('DATABASE_URL is not set');
    } finally {
      await demo.stop();
    }
  });
});
