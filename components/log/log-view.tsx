'use client';

import { type ReactElement, type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react';
import { CopyButton } from '@/components/ui/copy-button';
import { Icon } from '@/components/ui/icon';
import { formatBytes } from '@/lib/format/bytes';
import { countOf, formatCount } from '@/lib/format/count';
import type { LogBody } from '@/lib/query/diagnosis-queries';
import { LineList } from './line-list';
import { LineNumber, LineText } from './log-line';
import { LogSearchField, useLogSearch } from './log-search';
import { isStackLine, type LogRows, parseLog } from './parse-log';

export interface LogViewProps {
  readonly log: LogBody;
  /** What the log is, for those who hear it: "Log of run 14 of x2x4k". */
  readonly label: string;
  /** Identity of the log: a change brings the decisive line into view again. */
  readonly id: string;
  readonly decisive: (rows: LogRows) => ReadonlySet<number>;
  /** The line the address names, or null. */
  readonly line: number | null;
  readonly hrefOf: (line: number) => string;
  readonly onLine: (line: number) => void;
  /** First lines of what is copied: what it is and where it stands. */
  readonly copyHead: () => string;
  /** What stands left in the row of tools. */
  readonly tools: ReactNode;
  /** What the foot says after lines and size. */
  readonly foot: ReactNode;
}

/** One log with its tools: search, time, wrap, copy. Opens at the asked line, else at the decisive one, else at its end. */
export function LogView({
  log,
  label,
  id,
  decisive,
  line,
  hrefOf,
  onLine,
  copyHead,
  tools,
  foot,
}: LogViewProps): ReactElement {
  const rows = useMemo(() => parseLog(log.text, log.stamped), [log]);
  const marks = useMemo(() => decisive(rows), [decisive, rows]);
  const search = useLogSearch(rows);
  const [wraps, setWraps] = useState(true);
  const [hasTimes, setHasTimes] = useState(true);
  const searchId = useId();
  const toolsRow = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (search.row !== null) showBelow(toolsRow.current);
  }, [search.row]);
  const shownTimes = log.stamped && hasTimes;
  const gapIndex = log.skippedLines > 0 && log.gapBefore !== null ? log.gapBefore - 1 : null;
  const rowOf = (item: number) => (gapIndex !== null && item > gapIndex ? item - 1 : item);
  const itemOf = (row: number) => (gapIndex !== null && row >= gapIndex ? row + 1 : row);

  const opening = line ?? [...marks].sort((a, b) => a - b)[0] ?? rows.count;
  const target =
    search.row === null
      ? { index: itemOf(Math.min(Math.max(opening, 1), Math.max(rows.count, 1)) - 1), key: `${id} ${line ?? ''}` }
      : { index: itemOf(search.row), key: `${id} hit ${search.row}` };

  const lineOf = (item: number) => {
    if (item === gapIndex) return { className: 'gap', content: <Gap lines={log.skippedLines} /> };
    const row = rows.row(rowOf(item));
    if (!row) return { className: '', content: null };
    const isDecisive = marks.has(row.no);
    const classes = [
      isDecisive ? 'decisive' : isStackLine(row.plain) ? 'stack' : '',
      line === row.no ? 'chosen' : '',
      search.row === row.no - 1 ? 'current-hit' : '',
    ];
    return {
      className: classes.filter((name) => name !== '').join(' '),
      content: (
        <>
          <LineNumber no={row.no} href={hrefOf(row.no)} onPick={onLine} />
          {shownTimes ? (
            <span className="at" title={row.stamp}>
              {row.at}
            </span>
          ) : null}
          <span className="text">
            <LineText row={row} query={search.query} />
          </span>
          {isDecisive ? <b className="flag">decisive</b> : null}
        </>
      ),
    };
  };
  const width = `${Math.max(32, String(rows.count).length * 8 + 24)}px`;

  return (
    <>
      <div className="tools" ref={toolsRow}>
        {tools}
        <span className="end">
          <LogSearchField search={search} input={searchId} />
          {log.stamped ? (
            <Toggle on={hasTimes} onPress={() => setHasTimes(!hasTimes)}>
              Times
            </Toggle>
          ) : null}
          <Toggle on={wraps} onPress={() => setWraps(!wraps)}>
            Wrap
          </Toggle>
          <CopyButton className="button" text={() => `${copyHead()}\n\n${textOf(rows, log)}\n`}>
            Copy
          </CopyButton>
        </span>
      </div>
      {rows.count === 0 ? (
        <div className="hollow">
          <p>This run wrote nothing to its output.</p>
        </div>
      ) : (
        <div className="numbered" style={{ '--no': width } as React.CSSProperties}>
          <LineList
            count={rows.count + (gapIndex === null ? 0 : 1)}
            label={label}
            className={shownTimes ? '' : 'unstamped'}
            wraps={wraps}
            line={lineOf}
            target={target}
          />
        </div>
      )}
      <p className="label muted foot">
        {countOf(rows.count + log.skippedLines, 'line')}
        {log.skippedLines > 0 ? `, ${formatCount(rows.count)} kept` : ''}, {formatBytes(log.text.length)}
        {log.text.length < 1024 ? ' bytes' : 'B'}.{foot === null ? null : <> {foot}</>}
      </p>
    </>
  );
}

/** A hit is looked at in the box below its field: where the window cuts that box off, the page moves up once. */
function showBelow(row: HTMLElement | null): void {
  const box = row?.nextElementSibling;
  if (row && box && box.getBoundingClientRect().bottom > window.innerHeight) row.scrollIntoView({ block: 'start' });
}

function Toggle({
  on,
  onPress,
  children,
}: {
  readonly on: boolean;
  readonly onPress: () => void;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <button type="button" className="button toggle" aria-pressed={on} onClick={onPress}>
      <Icon name="seen" />
      {children}
    </button>
  );
}

function Gap({ lines }: { readonly lines: number }): ReactElement {
  return <>{countOf(lines, 'line')} between were not kept: Unloop keeps the first and the last lines of a run.</>;
}

function textOf(rows: LogRows, log: LogBody): string {
  const lines: string[] = [];
  for (let index = 0; index < rows.count; index += 1) {
    if (log.skippedLines > 0 && log.gapBefore === index + 1)
      lines.push(`[… ${countOf(log.skippedLines, 'line')} not kept …]`);
    const row = rows.row(index);
    if (row) lines.push(row.stamp === '' ? row.plain : `${row.stamp} ${row.plain}`);
  }
  return lines.join('\n');
}
