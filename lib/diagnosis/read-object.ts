/**
 * Readers of raw JSON that never throw: what is absent or of another type reads as null, empty text, empty list or
 * empty object. Paths are key by key; a number steps into a list.
 */
import type { KubeObject } from './evidence-source';

/** The value at a path, or undefined. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let here: unknown = value;
  for (const key of path) {
    if (here === null || typeof here !== 'object') return undefined;
    here = Array.isArray(here) && typeof key === 'number' ? here[key] : (here as Record<string, unknown>)[String(key)];
  }
  return here;
}

export function textAt(value: unknown, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path);
  if (typeof found === 'string') return found;
  return typeof found === 'number' || typeof found === 'boolean' ? String(found) : '';
}

export function textOrNullAt(value: unknown, ...path: readonly (string | number)[]): string | null {
  const found = at(value, ...path);
  return found === undefined || found === null || typeof found === 'object' ? null : String(found);
}

export function numberAt(value: unknown, ...path: readonly (string | number)[]): number | null {
  const found = at(value, ...path);
  return typeof found === 'number' && Number.isFinite(found) ? found : null;
}

export function booleanAt(value: unknown, ...path: readonly (string | number)[]): boolean | null {
  const found = at(value, ...path);
  return typeof found === 'boolean' ? found : null;
}

export function objectAt(value: unknown, ...path: readonly (string | number)[]): KubeObject | null {
  const found = at(value, ...path);
  return found !== null && typeof found === 'object' && !Array.isArray(found) ? (found as KubeObject) : null;
}

/** The objects of a list; members that are no objects are left out. */
export function objectsAt(value: unknown, ...path: readonly (string | number)[]): readonly KubeObject[] {
  const found = at(value, ...path);
  if (!Array.isArray(found)) return [];
  return found.filter((item): item is KubeObject => item !== null && typeof item === 'object' && !Array.isArray(item));
}

export function textsAt(value: unknown, ...path: readonly (string | number)[]): readonly string[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found.filter((item) => item !== null && typeof item !== 'object').map(String) : [];
}

/** A map of texts such as labels; members of other types are left out. */
export function textMapAt(value: unknown, ...path: readonly (string | number)[]): Readonly<Record<string, string>> {
  const found = objectAt(value, ...path);
  if (!found) return {};
  return Object.fromEntries(
    Object.entries(found).flatMap(([key, text]) => (typeof text === 'string' ? [[key, text] as const] : [])),
  );
}
