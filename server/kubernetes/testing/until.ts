import { vi } from 'vitest';

/** Waits until the condition holds. Rejects after 15 s: these tests share their machine. */
export async function until(condition: () => unknown): Promise<void> {
  await vi.waitUntil(condition, { timeout: 15_000, interval: 10 });
}
