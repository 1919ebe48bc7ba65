/** Milliseconds since 1970-01-01T00:00:00Z. Inside the server and in rules; on the wire times are ISO-8601 UTC strings. */
export type EpochMs = number;

/** The ISO-8601 UTC text of an instant, or null for null. */
export function toInstant(at: EpochMs | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

/**
 * Reads a Kubernetes timestamp. Gives null for absent, unparsable, and for the zero times 0001-01-01 and 1970-01-01 that
 * runtimes write when they never knew (crash-semantics 3.2: StartError has `startedAt: 1970-01-01T00:00:00Z`).
 */
export function parseKubeTime(text: string | null | undefined): EpochMs | null {
  if (!text) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) || at <= 0 ? null : at;
}
