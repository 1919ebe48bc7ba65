/** A repeatable stream of chances. Two streams from the same seed give the same values. */
export interface Random {
  /** From 0 (included) to 1 (excluded). */
  next(): number;
  /** From `low` (included) to `high` (excluded). */
  between(low: number, high: number): number;
  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number;
  pick<T>(values: readonly [T, ...T[]]): T;
  hex(length: number): string;
  /** The tail of a generated name, from the alphabet of apimachinery `pkg/util/rand`. */
  suffix(length: number): string;
  uuid(): string;
}

const NAME_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** A 32-bit number for a text, equal texts giving equal numbers (FNV-1a). */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash ^= text.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

/** The pod-template-hash-like name tail of a text. */
export function hashSuffix(text: string, length: number): string {
  return createRandom(hashText(text)).suffix(length);
}

/** Makes a stream of chances from a seed. */
export function createRandom(seed: number | string): Random {
  let state = typeof seed === 'string' ? hashText(seed) : seed >>> 0;

  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  const letters = (alphabet: string, length: number): string => {
    let text = '';
    for (let index = 0; index < length; index += 1) text += alphabet.charAt(Math.floor(next() * alphabet.length));
    return text;
  };
  const hex = (length: number): string => letters('0123456789abcdef', length);

  return {
    next,
    between: (low, high) => low + next() * (high - low),
    whole: (low, high) => low + Math.floor(next() * (high - low + 1)),
    pick: (values) => values[Math.floor(next() * values.length)] ?? values[0],
    hex,
    suffix: (length) => letters(NAME_ALPHABET, length),
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${letters('89ab', 1)}${hex(3)}-${hex(12)}`,
  };
}
