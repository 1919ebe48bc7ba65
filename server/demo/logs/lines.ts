import type { Print, ScriptLine } from './log-script';

/** Script lines from pairs of milliseconds after the start and what is printed then. */
export function lines(...pairs: readonly (readonly [number, Print])[]): readonly ScriptLine[] {
  return pairs.map(([after, print]) => ({ after, print }));
}

/** A line without a time of its own, or several. */
export function plain(text: string): Print {
  return () => text;
}

/** `2026-11-23T05:34:05.778Z`. */
export function iso(at: number): string {
  return new Date(at).toISOString();
}

/** One of several values by a turn's number, spread so that neighbours differ. */
export function turnOf<T>(turn: number, values: readonly [T, ...T[]]): T {
  return values[(Math.imul(turn + 1, 0x9e3779b1) >>> 8) % values.length] ?? values[0];
}

/** A number from `low` to `high` by a turn's number. */
export function numberOf(turn: number, low: number, high: number): number {
  return low + ((Math.imul(turn + 7, 0x85ebca6b) >>> 5) % (high - low + 1));
}

/** A short hexadecimal id by a turn's number. */
export function idOf(turn: number, length = 8): string {
  const part = (salt: number): string => (Math.imul(turn + salt, 0xc2b2ae35) >>> 0).toString(16).padStart(8, '0');
  return (part(11) + part(29) + part(53) + part(97)).slice(0, length);
}
