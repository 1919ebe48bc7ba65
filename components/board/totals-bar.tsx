'use client';

import { type ReactElement, useMemo } from 'react';
import { Icon, type IconName } from '@/components/ui/icon';
import type { LoopsPage, Totals } from '@/lib/contract/loop';
import { formatCount } from '@/lib/format/count';
import { splitFilter } from '@/lib/url/loop-filter';
import { CATEGORY_WORDS, dayPaths } from './day-paths';

export interface TotalsBarProps {
  readonly page: LoopsPage;
  /** The filter text; a number is pressed while its token stands in it. */
  readonly filter: string;
  /** Puts a token into the filter, or takes it out. */
  readonly onToggle: (token: string) => void;
}

/** The three numbers and the last day above the list. Pressing one filters. */
export function TotalsBar({ page, filter, onToggle }: TotalsBarProps): ReactElement {
  const { totals } = page;
  const listed = page.loops.filter((loop) => loop.state === 'recovered').length;
  const tokens = splitFilter(filter);
  const button = (props: Omit<TotalProps, 'isPressed' | 'onToggle'>): ReactElement => (
    <Total {...props} isPressed={tokens.includes(props.token)} onToggle={onToggle} />
  );
  return (
    <section className="totals" aria-label="Totals">
      {button({
        token: 'state:failing',
        icon: 'looping',
        tone: totals.looping > 0 ? 'failing' : 'gone',
        count: totals.looping,
        words: 'looping now',
        detail:
          totals.looping > 0
            ? `${formatCount(totals.replicasFailing)} of ${formatCount(totals.replicasTotal)} replicas failing`
            : `0 of ${formatCount(totals.pods)} pods`,
      })}
      {button({
        token: 'state:never-started',
        icon: 'never-started',
        tone: totals.neverStarted > 0 ? 'failing' : 'gone',
        count: totals.neverStarted,
        words: 'never started',
        detail: totals.neverStarted > 0 ? 'no crash, no restart' : 'no image or config error',
      })}
      {button({
        token: 'state:recovered',
        icon: 'recovered',
        tone: totals.recovered24h > 0 ? 'held' : 'gone',
        count: totals.recovered24h,
        words: 'recovered in 24 h',
        detail: recoveredDetail(totals.recovered24h, listed),
      })}
      <DayStrip hours={totals.crashesPerHour} asOf={page.asOf} tokens={tokens} onToggle={onToggle} />
    </section>
  );
}

function recoveredDetail(recovered: number, listed: number): string {
  if (recovered === 0) return 'none that had looped';
  return recovered > listed ? `${formatCount(listed)} listed` : 'all listed';
}

interface TotalProps {
  readonly token: string;
  readonly icon: IconName;
  readonly tone: string;
  readonly count: number;
  readonly words: string;
  readonly detail: string;
  readonly isPressed: boolean;
  readonly onToggle: (token: string) => void;
}

function Total({ token, icon, tone, count, words, detail, isPressed, onToggle }: TotalProps): ReactElement {
  return (
    <button type="button" className="total" aria-pressed={isPressed} onClick={() => onToggle(token)}>
      <span className="count">
        <Icon name={icon} tone={tone} />
        {formatCount(count)}
      </span>
      <span className="words">{words}</span>
      <span className="detail">{detail}</span>
    </button>
  );
}

interface DayStripProps {
  readonly hours: Totals['crashesPerHour'];
  readonly asOf: string;
  readonly tokens: readonly string[];
  readonly onToggle: (token: string) => void;
}

/** Crashes per hour of the last day, stacked by category; the legend filters. */
function DayStrip({ hours, asOf, tokens, onToggle }: DayStripProps): ReactElement {
  const day = useMemo(() => dayPaths(hours, Date.parse(asOf)), [hours, asOf]);
  return (
    <figure className="day">
      <figcaption className="day-head">
        <span className="muted what">Crashes per hour</span>
        <span className="legend">
          {day.parts.map(({ category, crashes }) => (
            <button
              key={category}
              type="button"
              aria-pressed={tokens.includes(`cause:${category}`)}
              title={`Show only ${category} causes: ${formatCount(crashes)} crashes in 24 hours`}
              onClick={() => onToggle(`cause:${category}`)}
            >
              <i className={`cat-${category}`} />
              {CATEGORY_WORDS[category]} <b>{formatCount(crashes)}</b>
            </button>
          ))}
        </span>
      </figcaption>
      <div className="plot">
        <svg viewBox="0 0 960 44" preserveAspectRatio="none" role="img" aria-label={day.words}>
          <path className="m-axis" d="M0 44.5H960" vectorEffect="non-scaling-stroke" />
          {day.parts.map(({ category, path }) => (
            <path key={category} className={`cat-${category}`} d={path} />
          ))}
        </svg>
        {day.peak ? (
          <span
            className={day.peak.left < 8 ? 'peak after' : 'peak'}
            style={day.peak.left < 8 ? { left: `${day.peak.right}%` } : { right: `${100 - day.peak.left}%` }}
          >
            {formatCount(day.peak.crashes)}
          </span>
        ) : null}
      </div>
      <div className="axis" aria-hidden="true">
        {day.axis.map(({ text, left, isWide }, index) => (
          <span key={text} className={axisClass(index, day.axis.length, isWide)} style={{ left: `${left}%` }}>
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
