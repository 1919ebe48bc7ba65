'use client';

import { type ComponentType, Fragment, type ReactElement, type Ref, useEffect, useMemo, useState } from 'react';
import { Icon } from '@/components/ui/icon';
import type { Loop } from '@/lib/contract/loop';
import type { Sort, SortKey } from '@/lib/url/board';
import type { BoardItem } from './group-loops';
import { GroupRow, PlacesRow } from './group-row';
import { LoopRow } from './loop-row';
import { COLUMN_HEADER, ROW, ROW_GROUP, SPACER, TABLE } from './roles';
import { nextSort, readSort, sortWords } from './sort-loops';
import type { RowPlace, VirtualRowsProps } from './virtual-rows';

/** Beyond this many rows only those near the view are in the page. */
const VIRTUAL_FROM = 200;
/** What the server renders of a long list, and the browser until the part for long lists is there: more than a screen. */
const FIRST_ROWS = 60;
const ROW_PX = 36;

interface Column {
  readonly name: string;
  readonly title: string;
  readonly sort: SortKey | null;
  readonly isNumber?: boolean;
}

const COLUMNS: readonly Column[] = [
  { name: 'state', title: 'State', sort: 'state' },
  { name: 'ns', title: 'Namespace', sort: 'ns' },
  { name: 'name', title: 'Workload', sort: 'workload' },
  { name: 'cause', title: 'Cause', sort: 'cause' },
  { name: 'status', title: 'Status', sort: 'status' },
  { name: 'restarts', title: 'Restarts', sort: 'restarts' },
  { name: 'strip', title: 'Last hour', sort: null },
  { name: 'next', title: 'Next restart', sort: 'next' },
  { name: 'fail', title: 'Failing', sort: 'failing', isNumber: true },
  { name: 'since', title: 'Since', sort: 'since', isNumber: true },
  { name: 'change', title: 'Last change', sort: 'change' },
];

const WITHOUT_CHANGE = COLUMNS.filter((column) => column.name !== 'change');

export interface LoopTableProps {
  readonly cluster: string;
  readonly items: readonly BoardItem[];
  readonly sort: Sort | null;
  readonly onSort: (sort: Sort | null) => void;
  /** Opens a group, or closes it. Must keep its identity between renders. */
  readonly onGroup: (fingerprint: string) => void;
  /** The part of the table in which nothing may jump while somebody points at it. */
  readonly bodyRef: Ref<HTMLTableSectionElement>;
}

/** The list of loops. Sorting is a press on a column: its telling direction, the other, then worst first again. */
export function LoopTable({ cluster, items, sort, onSort, onGroup, bodyRef }: LoopTableProps): ReactElement {
  const loops = useMemo(() => loopsOf(items), [items]);
  const hasChange = useMemo(() => loops.some((loop) => loop.change !== null), [loops]);
  const shared = useMemo(() => sharedWorkloads(loops), [loops]);
  const columns = hasChange ? COLUMNS : WITHOUT_CHANGE;
  const names = useMemo(() => columns.map(({ name }) => name), [columns]);
  const isLong = items.length > VIRTUAL_FROM;
  const VirtualRows = useVirtualRows(isLong);
  const toRow = (item: BoardItem, place?: RowPlace): ReactElement => {
    switch (item.kind) {
      case 'group':
        return <GroupRow group={item.group} isOpen={item.isOpen} onToggle={onGroup} hasChange={hasChange} {...place} />;
      case 'places':
        return <PlacesRow group={item.group} columns={names} {...place} />;
      case 'loop': {
        const { loop, isMember } = item;
        const isShared = shared.has(workloadKey(loop));
        return <LoopRow {...{ cluster, loop, isMember, hasChange, isShared }} {...place} />;
      }
    }
  };
  const plain = isLong ? items.slice(0, FIRST_ROWS) : items;
  const left = items.length - plain.length;
  return (
    <table
      {...TABLE}
      className={hasChange ? 'loops' : 'loops no-change'}
      aria-label={`Loops, ${sortWords(sort)}`}
      aria-rowcount={isLong ? items.length + 1 : undefined}
    >
      <colgroup>
        {columns.map(({ name }) => (
          <col key={name} className={`c-${name}`} />
        ))}
      </colgroup>
      <thead {...ROW_GROUP}>
        <tr {...ROW}>
          {columns.map((column) => (
            <HeadCell key={column.name} column={column} sort={sort} onSort={onSort} />
          ))}
        </tr>
      </thead>
      <tbody {...ROW_GROUP} ref={bodyRef}>
        {isLong && VirtualRows ? (
          <VirtualRows items={items} toRow={toRow} />
        ) : (
          plain.map((item) => <Fragment key={item.id}>{toRow(item)}</Fragment>)
        )}
        {left > 0 && !VirtualRows ? (
          <tr {...SPACER}>
            <td style={{ height: left * ROW_PX }} />
          </tr>
        ) : null}
      </tbody>
    </table>
  );
}

/** The part that renders long lists, once it is needed and there. */
function useVirtualRows(isNeeded: boolean): ComponentType<VirtualRowsProps> | null {
  const [part, setPart] = useState<{ VirtualRows: ComponentType<VirtualRowsProps> } | null>(null);
  useEffect(() => {
    if (!isNeeded || part) return;
    let isStale = false;
    import('./virtual-rows').then(
      (loaded) => {
        if (!isStale) setPart(loaded);
      },
      (error: unknown) => reportError(error),
    );
    return () => {
      isStale = true;
    };
  }, [isNeeded, part]);
  return part?.VirtualRows ?? null;
}

function HeadCell({
  column,
  sort,
  onSort,
}: { column: Column } & Pick<LoopTableProps, 'sort' | 'onSort'>): ReactElement {
  const { name, title, isNumber } = column;
  const current = sort === null ? null : readSort(sort);
  const direction = current?.key !== column.sort ? null : current?.isDescending ? 'descending' : 'ascending';
  const { sort: key } = column;
  return (
    <th
      {...COLUMN_HEADER}
      scope="col"
      className={isNumber ? `c-${name} num` : `c-${name}`}
      aria-sort={direction ?? undefined}
    >
      {key === null ? (
        title
      ) : (
        <button type="button" onClick={() => onSort(nextSort(sort, key))}>
          {title}
          {direction ? <Icon name={direction} /> : null}
        </button>
      )}
    </th>
  );
}

/** The loops of all lines, those of a closed group too. */
function loopsOf(items: readonly BoardItem[]): readonly Loop[] {
  return items.flatMap((item) => {
    if (item.kind === 'loop') return item.isMember ? [] : [item.loop];
    return item.kind === 'group' ? item.group.loops : [];
  });
}

function workloadKey({ workload }: Loop): string {
  return `${workload.kind}/${workload.namespace}/${workload.name}`;
}

function sharedWorkloads(loops: readonly Loop[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const shared = new Set<string>();
  for (const loop of loops) {
    const key = workloadKey(loop);
    if (seen.has(key)) shared.add(key);
    seen.add(key);
  }
  return shared;
}
