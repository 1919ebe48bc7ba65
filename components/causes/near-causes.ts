import { CAUSE_IDS, type CauseId } from '@/lib/domain/causes';

const NEAR_MAX = 5;
const LONGEST = 60;

/** The ids of causes that are most like a word that is none, nearest first; empty where nothing is alike. */
export function nearCauses(word: string): readonly CauseId[] {
  const wanted = word.toLowerCase().slice(0, LONGEST);
  return CAUSE_IDS.map((id) => ({ id, likeness: likeness(wanted, id) }))
    .filter(({ likeness: much }) => much > 0.3)
    .sort((a, b) => b.likeness - a.likeness)
    .slice(0, NEAR_MAX)
    .map(({ id }) => id);
}

/** Shared pairs of letters, 0 to 1 (Dice). */
function likeness(a: string, b: string): number {
  const [left, right] = [pairs(a), pairs(b)];
  if (left.size === 0 || right.size === 0) return 0;
  let shared = 0;
  for (const pair of left) if (right.has(pair)) shared += 1;
  return (2 * shared) / (left.size + right.size);
}

function pairs(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (let at = 0; at + 2 <= text.length; at += 1) found.add(text.slice(at, at + 2));
  return found;
}
