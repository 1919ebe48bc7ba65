import { z } from 'zod';
import type { Loop } from '@/lib/contract/loop';
import { CATEGORIES, CAUSE_IDS, type CauseId } from '@/lib/domain/causes';
import { LOOP_STATES } from '@/lib/domain/loop';
import { redactObject } from '@/lib/domain/redact/objects';
import { UnloopError } from '@/lib/domain/unloop-error';

const InstantSchema = z.iso.datetime();

/*
 * A row of the board as the history keeps it, with all that versions so far have written. The API's row may change; this may only
 * learn to read more.
 */
const StoredRowSchema = z.object({
  id: z.string(),
  workload: z.object({ kind: z.string(), namespace: z.string(), name: z.string() }),
  container: z.string(),
  containerType: z.enum(['init', 'sidecar', 'app']),
  state: z.enum(LOOP_STATES),
  status: z.string(),
  restarts: z.number().int(),
  lastRestartAt: InstantSchema.nullable(),
  pod: z.string(),
  replicas: z.object({ failing: z.number().int(), total: z.number().int() }),
  verdict: z
    .object({
      cause: z.enum(CAUSE_IDS as unknown as [CauseId, ...CauseId[]]),
      category: z.enum(CATEGORIES),
      confidence: z.enum(['certain', 'likely', 'possible']),
      what: z.string(),
    })
    .nullable(),
  lastExit: z
    .object({
      exitCode: z.number().int(),
      signal: z.string().nullable(),
      reason: z.string(),
      startedAt: InstantSchema.nullable(),
      finishedAt: InstantSchema.nullable(),
      livedMs: z.number().nullable(),
    })
    .nullable(),
  nextRestart: z.object({ from: InstantSchema, to: InstantSchema, overdue: z.boolean() }).nullable(),
  since: InstantSchema,
  runningSince: InstantSchema.nullable(),
  change: z.object({ kind: z.string(), at: InstantSchema.nullable(), text: z.string() }).nullable(),
  nodes: z.array(z.string()),
  placement: z.array(z.object({ node: z.string(), failing: z.number().int(), total: z.number().int() })).optional(),
  fingerprint: z.string().nullish(),
  image: z.string(),
  strip: z.array(z.tuple([z.number().nullable(), z.number().nullable()])),
});

/**
 * Reads a row as it was stored. What earlier versions stored may hold credentials: `readShownRow` withholds them.
 * @throws UnloopError `store-failed` that names the field, for anything that no version of Unloop wrote
 */
export function readStoredRow(text: string): Loop {
  return toRow(parsed(text));
}

/**
 * Reads a stored row for showing it, without the credentials that earlier versions left in it.
 * @throws UnloopError `store-failed`, as `readStoredRow`
 */
export function readShownRow(text: string): Loop {
  const json = parsed(text);
  const isFields = json !== null && typeof json === 'object' && !Array.isArray(json);
  return toRow(isFields ? redactObject({ ...json }) : json);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unreadable('it is no JSON', cause);
  }
}

function toRow(json: unknown): Loop {
  const row = StoredRowSchema.safeParse(json);
  if (row.success) return row.data;
  const [first] = row.error.issues;
  throw unreadable(`${first?.path.join('.') || 'the whole'}: ${first?.message ?? 'of no known form'}`, row.error);
}

function unreadable(why: string, cause: unknown): UnloopError {
  return new UnloopError('store-failed', `A stored loop cannot be read: ${why}.`, '', { cause });
}
