import { z } from 'zod';
import {
  CHANGE_KINDS,
  changesBeforeEnd,
  changesBeforeStart,
  type LoopChange,
  type RecordedChange,
} from '@/lib/domain/loop-changes';
import type { EpochMs } from '@/lib/domain/time';
import { formatDuration } from '@/lib/format/duration';

const KindSchema = z.enum(CHANGE_KINDS);
const DetailSchema = z.object({
  short: z.string().optional(),
  pod: z.string().optional(),
  hash: z.string().optional(),
  createdAt: z.number().nullable().optional(),
});

/** A recorded change as it was found; `pod`, `hash` and `createdAt` are of a pod that was deleted. */
export interface KnownChange extends LoopChange {
  readonly short: string;
  readonly pod: string;
  readonly hash: string;
  readonly createdAt: EpochMs | null;
}

/** Reads recorded changes, oldest first; rows of a kind that this version does not know are left out. */
export function knownChanges(recorded: readonly RecordedChange[]): readonly KnownChange[] {
  return recorded
    .flatMap((change): KnownChange[] => {
      const kind = KindSchema.safeParse(change.kind);
      if (!kind.success) return [];
      const detail = DetailSchema.safeParse(change.detail === null ? {} : JSON.parse(change.detail)).data;
      return [
        {
          kind: kind.data,
          at: change.at,
          text: change.text,
          short: detail?.short ?? change.text,
          pod: detail?.pod ?? '',
          hash: detail?.hash ?? '',
          createdAt: detail?.createdAt ?? null,
        },
      ];
    })
    .sort((a, b) => a.at - b.at);
}

/** The change that a row names: what came before the first crash, as one; null where nothing is known to have. */
export function startingChange(
  changes: readonly KnownChange[],
  since: EpochMs,
): { kind: string; at: string; text: string } | null {
  const before = changesBeforeStart(changes, since);
  const newest = before.at(-1);
  if (newest === undefined) return null;
  const leadMs = Math.max(0, since - newest.at);
  const lead = leadMs < 1000 ? 'right' : formatDuration(leadMs);
  const text = `${before.map(({ short }) => short).join(' and ')}, ${lead} before`;
  return { kind: newest.kind, at: new Date(newest.at).toISOString(), text };
}

/** In words what came before a loop ran well again, or null where nothing is known to have changed. */
export function endingChange(changes: readonly KnownChange[], since: EpochMs, heldSince: EpochMs): string | null {
  const before = changesBeforeEnd(changes, since, heldSince);
  return before.length === 0 ? null : before.map(({ text }) => text).join('; ');
}
