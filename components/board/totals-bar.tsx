'use client';

import { type ReactElement, useMemo } from 'react';
import { Icon, type IconName } from '@/components/ui/icon';
import type { LoopsPage } from '@/lib/contract/loop';
import { formatCount } from '@/lib/format/count';
import { splitFilter } from '@/lib/url/loop-filter';
import { CategoryStrip } from './category-strip';

export interface TotalsBarProps {
  readonly page: LoopsPage;
  /** The filter text; a number is pressed while its token stands in it. */
  readonly filter: string;
  /** Puts a token into the filter, or takes it out. */
  readonly onToggle: (token: string) => void;
}

const CRASHES = { noun: 'Crashes', spanMs: 3_600_000 };

/** The three numbers and the last day above the list. Pressing one filters. */
export function TotalsBar({ page, filter, onToggle }: TotalsBarProps): ReactElement {
  const { totals } = page;
  const listed = page.loops.filter((loop) => loop.state === 'recovered').length;
  const tokens = splitFilter(filter);
  const { recordedSince } = totals;
  const meaning = useMemo(
    () => (recordedSince ? { ...CRASHES, recordedSince: Date.parse(recordedSince) } : CRASHES),
    [recordedSince],
  );
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
      <CategoryStrip
        spans={totals.crashesPerHour}
        meaning={meaning}
        asOf={page.asOf}
        tokens={tokens}
        onToggle={onToggle}
      />
    </section>
  );
}

function recoveredDetail(recovered: number, listed: number): string {
  if (recovered === 0) return 'none that had looped';
  return recovered > listed
    ? `${formatCount(listed)} listed, ${formatCount(recovered - listed)} in the history`
    : 'all listed';
}

export interface TotalProps {
  readonly token: string;
  readonly icon: IconName;
  readonly tone: string;
  readonly count: number;
  readonly words: string;
  readonly detail: string;
  readonly isPressed: boolean;
  readonly onToggle: (token: string) => void;
}

/** One number above a list; a press puts its token into the filter, or takes it out. */
export function Total({ token, icon, tone, count, words, detail, isPressed, onToggle }: TotalProps): ReactElement {
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
