'use client';

import type { ReactElement, Ref } from 'react';
import { COLUMN_HEADER, ROW, ROW_GROUP, TABLE } from '@/components/board/roles';
import type { EndedLoop } from '@/lib/contract/history';
import { formatDay, formatMinute } from '@/lib/format/clock';
import { EndedRow } from './ended-row';

const COLUMNS = [
  { name: 'state', title: 'Outcome' },
  { name: 'ended', title: 'Ended' },
  { name: 'ns', title: 'Namespace' },
  { name: 'name', title: 'Workload' },
  { name: 'cause', title: 'Cause' },
  { name: 'crashes', title: 'Crashes', isNumber: true },
  { name: 'lasted', title: 'Failed for', isNumber: true },
  { name: 'when', title: 'When' },
  { name: 'end', title: 'What ended it' },
  { name: 'then', title: 'Since then' },
] as const;

const DAY_MS = 86_400_000;

export interface HistoryTableProps {
  readonly cluster: string;
  readonly ended: readonly EndedLoop[];
  /** The period, epoch milliseconds: the axis of the column "When". */
  readonly from: number;
  readonly to: number;
  /** What is shown is not yet what was asked for. */
  readonly isDimmed: boolean;
  readonly bodyRef: Ref<HTMLTableSectionElement>;
}

/** The list of ended loops. */
export function HistoryTable({ cluster, ended, from, to, isDimmed, bodyRef }: HistoryTableProps): ReactElement {
  return (
    <table
      {...TABLE}
      className={isDimmed ? 'loops ended dimmed' : 'loops ended'}
      aria-label="Ended loops"
      aria-busy={isDimmed}
    >
      <colgroup>
        {COLUMNS.map(({ name }) => (
          <col key={name} className={`c-${name}`} />
        ))}
      </colgroup>
      <thead {...ROW_GROUP}>
        <tr {...ROW}>
          {COLUMNS.map((column) => (
            <th
              key={column.name}
              {...COLUMN_HEADER}
              scope="col"
              className={'isNumber' in column ? `c-${column.name} num` : `c-${column.name}`}
            >
              {column.name === 'when' ? <Axis from={from} to={to} /> : column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody {...ROW_GROUP} ref={bodyRef}>
        {ended.map((one) => (
          <EndedRow key={`${one.loop.id} ${one.endedAt}`} cluster={cluster} ended={one} from={from} to={to} />
        ))}
      </tbody>
    </table>
  );
}

/** The ends of the axis that the marks below share. */
function Axis({ from, to }: { readonly from: number; readonly to: number }): ReactElement {
  const begin = to - from > DAY_MS ? formatDay(from) : formatMinute(from);
  return (
    <span className="ends">
      <span className="hidden-text">When, </span>
      <span>{begin}</span>
      <span>now</span>
    </span>
  );
}
