import { Fragment } from 'react';
import { visibleText } from '@/components/log/parse-log';

/**
 * A sentence whose parts in backticks are names: they become code, the rest stays text. The sentence may hold what a
 * cluster said; control characters in it become visible and nothing in it is ever markup.
 */
export function MarkedText({ text }: { text: string }) {
  return visibleText(text)
    .split('`')
    .map((part, index, parts) => {
      const key = `${index}`;
      // An unpaired backtick is the text's own.
      if (index % 2 === 1 && index < parts.length - 1) return <code key={key}>{part}</code>;
      return <Fragment key={key}>{index % 2 === 1 ? `\`${part}` : part}</Fragment>;
    });
}
