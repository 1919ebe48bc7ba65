import type { CauseBody } from '@/lib/contract/cause';

export interface FoundCauses {
  readonly causes: readonly CauseBody[];
  /** False where no cause holds all words: then those that hold most of them. */
  readonly isWhole: boolean;
}

/** Words that a pasted log line or event is full of and that tell nothing. */
const SHORTEST_WORD = 3;
const WORDS_MAX = 40;

/**
 * Finds causes by words of their title, symptoms, steps or id. A pasted line rarely fits whole: then the causes that hold most
 * of its words, best first. Never a regular expression: the text comes from a URL.
 */
export function searchCauses(causes: readonly CauseBody[], text: string): FoundCauses {
  const words = wordsOf(text);
  if (words.length === 0) return { causes, isWhole: true };
  const scored = causes.map((cause) => {
    const held = textOf(cause);
    return { cause, score: words.filter((word) => held.includes(word)).length };
  });
  const best = Math.max(...scored.map(({ score }) => score));
  if (best === words.length) {
    return { causes: scored.filter(({ score }) => score === best).map(({ cause }) => cause), isWhole: true };
  }
  const enough = Math.max(1, Math.ceil(best * 0.75));
  return {
    causes: scored
      .filter(({ score }) => score >= enough)
      .sort((a, b) => b.score - a.score)
      .map(({ cause }) => cause),
    isWhole: false,
  };
}

function wordsOf(text: string): readonly string[] {
  const parts = text
    .toLowerCase()
    .split(/[\s"'`,;()[\]{}]+/)
    .filter((word) => word.length >= SHORTEST_WORD);
  return [...new Set(parts)].slice(0, WORDS_MAX);
}

const texts = new WeakMap<CauseBody, string>();

function textOf(cause: CauseBody): string {
  const known = texts.get(cause);
  if (known !== undefined) return known;
  const docs = cause.docs.flatMap((doc) => [doc.title, doc.describe, doc.logs, ...doc.steps, doc.prevention]);
  const text = [cause.id, cause.title, cause.meaning, cause.category, ...docs].join('\n').toLowerCase();
  texts.set(cause, text);
  return text;
}
