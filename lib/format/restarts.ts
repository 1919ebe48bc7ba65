import type { EpochMs } from '@/lib/domain/time';
import { formatDuration } from './duration';

/** kubectl's RESTARTS column: `13 (4m8s ago)`, or the bare number where nothing terminated yet. */
export function formatRestarts(restarts: number, lastRestartAt: EpochMs | null, now: EpochMs): string {
  if (restarts === 0 || lastRestartAt === null) return String(restarts);
  return `${restarts} (${formatDuration(now - lastRestartAt)} ago)`;
}
