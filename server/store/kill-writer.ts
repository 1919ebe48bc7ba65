import { writeSync } from 'node:fs';
import { z } from 'zod';
import { openStore } from './open-store';
import { aHeldLog, aLoop, aRun, aRunningRun, CLUSTER } from './test-samples';

// Started by kill.test.ts and killed by it: writes without end, and says on standard output what was acknowledged.
const { options, round } = z
  .object({
    options: z.object({ databaseUrl: z.string().nullable(), dataDir: z.string().nullable() }),
    round: z.number(),
  })
  .parse(JSON.parse(process.argv[2] ?? ''));

const LOOPS = 7;
const loopOf = (n: number) => `deployments/shop/api-${n % LOOPS}/server`;
/** Time goes on from one writer to the next, by more than one writes in its life. */
const MINUTES_PER_ROUND = 100_000;
const sampleOf = (n: number, of: number, running = false) =>
  (running ? aRunningRun : aRun)(of * MINUTES_PER_ROUND + n, { podUid: `pod-${of}`, loopId: loopOf(n) });
const store = await openStore(options);

async function record(numbers: readonly number[], of: number): Promise<void> {
  const runs = numbers.flatMap((n) => [sampleOf(n, of), sampleOf(n + 1, of, true)]);
  const loops = [aLoop({ id: loopOf(numbers[0] ?? 0), crashes: numbers.length })];
  const ends = await store.record({ cluster: CLUSTER, runs, loops });
  writeSync(1, `${JSON.stringify({ ends })}\n`);
}

// What was seen before the kill is seen again after it.
if (round > 0)
  for (let n = 0; n < 60; n += 10)
    await record(
      Array.from({ length: 10 }, (_, i) => n + i),
      round - 1,
    );

for (let n = 0, size = 1; ; n += size) {
  size = 1 + Math.floor(Math.random() * 30);
  await record(
    Array.from({ length: size }, (_, i) => n + i),
    round,
  );
  const { id } = sampleOf(n, round);
  await store.saveLog(CLUSTER, id, aHeldLog(`log of ${id}\n`.repeat(200)));
  writeSync(1, `${JSON.stringify({ log: id })}\n`);
}
