import { afterEach, expect, it, vi } from 'vitest';
import { UnloopError } from '@/lib/domain/unloop-error';
import { CrashHours } from './crash-hours';

afterEach(() => vi.restoreAllMocks());

it('says once per outage that the counts cannot be read, and keeps those it has', async () => {
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const at = Date.UTC(2026, 2, 1, 12);
  let isAway = false;
  const answer = async <T>(value: T): Promise<T> => {
    if (isAway) throw new UnloopError('store-failed', 'Reading counts failed: the database cannot be reached');
    return value;
  };
  const hours = new CrashHours(
    {
      crashesPerHour: () => answer([{ at, namespace: 'shop', category: 'application' as const, crashes: 7 }]),
      heldSince: () => answer(at),
    },
    'kind-dev',
  );
  let now = at;
  const refresh = async (times: number) => {
    for (let n = 0; n < times; n++) {
      now += 5_000;
      await hours.refresh(now);
    }
  };
  await refresh(1);
  isAway = true;
  await refresh(20);
  expect(stderr).toHaveBeenCalledTimes(1);
  expect(stderr.mock.calls[0]?.[0]).toContain('error crashes per hour: Reading counts failed');
  expect(hours.recordedSince).toBe(at);
  isAway = false;
  await refresh(1);
  isAway = true;
  await refresh(5);
  expect(stderr).toHaveBeenCalledTimes(2);
});
