import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openStore, type StoreOptions } from './open-store';
import { ENGINES } from './test-engines';
import { CLUSTER } from './test-samples';

/** `UNLOOP_KILLS=50` for the long form. */
const KILLS = Number(process.env.UNLOOP_KILLS ?? 3);
const LONGEST_LIFE_MS = 400;

const LineSchema = z.union([z.object({ ends: z.array(z.string()) }), z.object({ log: z.string() })]);

/** Lets a writer write, kills it at a random moment, and gives what it had acknowledged by then. */
async function writeAndKill(options: StoreOptions, round: number) {
  const root = join(import.meta.dirname, '..', '..');
  const writer = spawn(
    process.execPath,
    ['--import', './scripts/alias.mjs', 'server/store/kill-writer.ts', JSON.stringify({ options, round })],
    { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ends: string[] = [];
  const logs: string[] = [];
  const closed = once(writer, 'close');
  let isDying = false;
  try {
    for await (const line of createInterface({ input: writer.stdout })) {
      // The last line may be cut short by the kill: then it was not acknowledged.
      if (!line.endsWith('}')) break;
      const said = LineSchema.parse(JSON.parse(line));
      if ('log' in said) logs.push(said.log);
      else ends.push(...said.ends);
      if (isDying) continue;
      isDying = true;
      setTimeout(() => writer.kill('SIGKILL'), Math.random() * LONGEST_LIFE_MS);
    }
  } finally {
    if (!isDying) writer.kill('SIGKILL');
  }
  await closed;
  expect(writer.signalCode).toBe('SIGKILL');
  return { ends, logs };
}

describe.each(ENGINES)('kill -9 at a random moment on $name', { timeout: 60_000 + KILLS * 20_000 }, (engine) => {
  it(`loses nothing acknowledged and doubles nothing, ${KILLS} times`, async () => {
    const place = await engine.fresh();
    const ends: string[] = [];
    const logs: string[] = [];
    for (let round = 0; round < KILLS; round++) {
      const acknowledged = await writeAndKill(place.options, round);
      ends.push(...acknowledged.ends);
      logs.push(...acknowledged.logs);

      const store = await openStore(place.options);
      const recorded = (await store.recentRuns(CLUSTER, 0)).filter((run) => run.finishedAt !== null);
      const recordedIds = new Set(recorded.map((run) => run.id));
      expect(recordedIds.size).toBe(recorded.length);
      expect(ends.filter((id) => !recordedIds.has(id))).toEqual([]);
      const hours = await store.crashesPerHour(CLUSTER, 0);
      expect(hours.reduce((all, hour) => all + hour.crashes, 0)).toBe(recorded.length);
      const states = await store.logStates(CLUSTER, logs);
      expect(logs.filter((id) => !states.has(id))).toEqual([]);
      const newest = logs.at(-1);
      if (newest) expect(await store.log(CLUSTER, newest)).toMatchObject({ state: 'held' });
      await store.close();
    }
    expect(ends.length).toBeGreaterThan(0);
    expect(new Set(ends).size).toBe(ends.length);
    await place.drop();
  });
});
