/** The value as a record, or an empty one. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}

/** The value as an array, or an empty one. */
export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value as text, or an empty one. */
export function asText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The value as an `int32`, which is what Kubernetes counts in: the nearest where it is larger, 0 where it is no number. */
export function asInt(value: unknown): number {
  return typeof value === 'number' && !Number.isNaN(value)
    ? Math.min(Math.max(Math.trunc(value), -(2 ** 31)), 2 ** 31 - 1)
    : 0;
}
