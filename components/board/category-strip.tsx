import { type ReactElement, useMemo } from 'react';
import { formatCount } from '@/lib/format/count';
import { CATEGORY_WORDS, type Span, type SpanMeaning, spanTitle, stackSpans } from './stacked-spans';

export interface CategoryStripProps {
  readonly spans: readonly Span[];
  /** Must keep its identity between renders. */
  readonly meaning: SpanMeaning;
  readonly asOf: string;
  readonly tokens: readonly string[];
  readonly onToggle: (token: string) => void;
}

/** A narrower part than this, in percent, has no room for words. */
const NAMED_FROM = 20;

/** Counts over time, stacked by category; the legend filters. */
export function CategoryStrip({ spans, meaning, asOf, tokens, onToggle }: CategoryStripProps): ReactElement {
  const stack = useMemo(() => stackSpans(spans, Date.parse(asOf), meaning), [spans, asOf, meaning]);
  return (
    <figure className="day">
      <figcaption className="day-head">
        <span className="muted what">{spanTitle(meaning)}</span>
        <span className="legend">
          {stack.parts.map(({ category, count }) => (
            <button
              key={category}
              type="button"
              aria-pressed={tokens.includes(`cause:${category}`)}
              title={`Show only ${category} causes: ${formatCount(count)} here`}
              onClick={() => onToggle(`cause:${category}`)}
            >
              <i className={`cat-${category}`} />
              {CATEGORY_WORDS[category]} <b>{formatCount(count)}</b>
            </button>
          ))}
        </span>
      </figcaption>
      <div className="plot">
        <svg viewBox="0 0 960 44" preserveAspectRatio="none" role="img" aria-label={stack.words}>
          <path
            className="m-axis"
            d={`M${(stack.unrecorded / 100) * 960} 44.5H960`}
            vectorEffect="non-scaling-stroke"
          />
          {stack.unrecorded > 0 ? (
            <path
              className="m-none"
              d={`M0 44.5H${(stack.unrecorded / 100) * 960}`}
              vectorEffect="non-scaling-stroke"
            />
          ) : null}
          {stack.parts.map(({ category, path }) => (
            <path key={category} className={`cat-${category}`} d={path} />
          ))}
        </svg>
        {stack.unrecorded > NAMED_FROM ? (
          <span className="unrecorded" style={{ width: `${stack.unrecorded}%` }}>
            not recorded
          </span>
        ) : null}
        {stack.peak ? (
          <span
            className={stack.peak.left < 8 ? 'peak after' : 'peak'}
            style={stack.peak.left < 8 ? { left: `${stack.peak.right}%` } : { right: `${100 - stack.peak.left}%` }}
          >
            {formatCount(stack.peak.count)}
          </span>
        ) : null}
      </div>
      <div className="axis" aria-hidden="true">
        {stack.axis.map(({ text, left, isWide }, index) => (
          <span key={text} className={axisClass(index, stack.axis.length, isWide)} style={{ left: `${left}%` }}>
            {text}
          </span>
        ))}
      </div>
    </figure>
  );
}

function axisClass(index: number, count: number, isWide: boolean): string | undefined {
  if (index === 0) return 'first';
  if (index === count - 1) return 'last';
  return isWide ? 'wide' : undefined;
}
