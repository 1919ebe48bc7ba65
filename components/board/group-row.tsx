'use client';

import { memo, type ReactElement, type Ref } from 'react';
import { Since, Ticking, useClock } from '@/components/ui/clock';
import { Icon } from '@/components/ui/icon';
import { formatAgo, formatDuration } from '@/lib/format/duration';
import type { LoopGroup } from './group-loops';
import { placeTable, placeWords, summarize } from './group-loops';
import { HourStrip } from './hour-strip';
import { Cause, Failing } from './loop-row';
import { nextTitle, nextTone, nextWords } from './next-words';
import { CELL, ROW } from './roles';
import { STATE_SIGNS } from './state-words';

/** Namespaces that are named; the others are counted. */
const NAMED = 2;

export interface GroupRowProps {
  readonly group: LoopGroup;
  readonly isOpen: boolean;
  readonly onToggle: (fingerprint: string) => void;
  readonly hasChange: boolean;
  readonly index?: number;
  readonly measure?: Ref<HTMLTableRowElement>;
}

/** One failure that several loops have in common, in one line; a press opens it in its place. */
export const GroupRow = memo(function GroupRow(props: GroupRowProps): ReactElement {
  const { group, isOpen, onToggle, hasChange, index, measure } = props;
  const { first, busiest, namespaces, verdict, failing, total, since, change } = summarize(group);
  const sign = STATE_SIGNS[first.state];
  const others = group.loops.length - 1;
  const named =
    namespaces.slice(0, NAMED).join(', ') + (namespaces.length > NAMED ? ` +${namespaces.length - NAMED}` : '');
  return (
    <tr
      {...ROW}
      ref={measure}
      className={isOpen ? 'group is-open' : 'group'}
      data-state={first.state}
      data-index={index}
      aria-rowindex={index === undefined ? undefined : index + 2}
    >
      <td {...CELL} className="c-state">
        <span className="state">
          <Icon name={sign.icon} tone={sign.tone} />
          {sign.word}
        </span>
      </td>
      <td {...CELL} className="c-ns muted" title={namespaces.join(', ')}>
        {named}
      </td>
      <td {...CELL} className="c-name name">
        <span title={group.loops.map(({ workload }) => `${workload.namespace}/${workload.name}`).join(', ')}>
          <button type="button" className="open" aria-expanded={isOpen} onClick={() => onToggle(group.fingerprint)}>
            <Icon name="down" />
            <span className="text">
              <span className="prefix">{first.workload.namespace}/</span>
              <b>{first.workload.name}</b>
            </span>
            <span className="muted">+{others}</span>
            <span className="hidden-text"> more with the same failure</span>
          </button>
        </span>
      </td>
      <td {...CELL} className="c-cause">
        <Cause verdict={verdict} state={first.state} />
      </td>
      <td {...CELL} className="c-status">
        {busiest.status}
      </td>
      <td {...CELL} className="c-restarts restarts">
        <b>{busiest.restarts}</b>
        {busiest.restarts > 0 && busiest.lastRestartAt !== null ? (
          <span>
            (<Since at={busiest.lastRestartAt} text={formatAgo} />)
          </span>
        ) : null}
      </td>
      <td {...CELL} className="c-strip">
        <HourStrip loop={busiest} />
      </td>
      <td {...CELL} className="c-next">
        <Next group={group} />
      </td>
      <td {...CELL} className="c-fail num">
        <Failing state={first.state} replicas={{ failing, total }} />
      </td>
      <td {...CELL} className="c-since num muted">
        <Since at={since} text={formatDuration} />
      </td>
      {hasChange ? (
        <td {...CELL} className="c-change muted" title={change?.text}>
          {change?.text}
        </td>
      ) : null}
    </tr>
  );
});

/** The next restart of whichever loop restarts first. */
function Next({ group: { loops } }: { readonly group: LoopGroup }): ReactElement {
  const next = loops.reduce((soonest, loop) => {
    if (loop.nextRestart === null) return soonest;
    return soonest.nextRestart === null || loop.nextRestart.from < soonest.nextRestart.from ? loop : soonest;
  });
  const tone = useClock((now) => nextTone(next, now));
  return (
    <span className={tone} title={nextTitle(next) || undefined}>
      <Ticking text={(now) => nextWords(next, now)} />
    </span>
  );
}

export interface PlacesRowProps {
  readonly group: LoopGroup;
  /** Names of the list's columns, the first one first. */
  readonly columns: readonly string[];
  readonly index?: number;
  readonly measure?: Ref<HTMLTableRowElement>;
}

/** Where the replicas of an open group are: in words, and workloads against nodes. */
export const PlacesRow = memo(function PlacesRow({ group, columns, index, measure }: PlacesRowProps): ReactElement {
  const words = placeWords(group);
  const { nodes, rows, hidden } = placeTable(group);
  return (
    <tr
      {...ROW}
      ref={measure}
      className="places"
      data-index={index}
      aria-rowindex={index === undefined ? undefined : index + 2}
    >
      <td {...CELL} className="c-state">
        <div className="places-body">
          <p>{words === '' ? 'None of its pods has a node.' : words}</p>
          {nodes.length > 0 ? (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
            <section className="places-scroll" tabIndex={0} aria-label="Where it fails">
              <table aria-label="Failing replicas by workload and node">
                <thead>
                  <tr>
                    <th scope="col">Failing of all</th>
                    {nodes.map((node) => (
                      <th key={node} scope="col" className="num">
                        {node}
                      </th>
                    ))}
                    {hidden > 0 ? <th scope="col">{`${hidden} more`}</th> : null}
                  </tr>
                </thead>
                <tbody>
                  {rows.map(({ loop, cells }) => (
                    <tr key={loop.id}>
                      <th scope="row">
                        <span className="muted">{loop.workload.namespace}/</span>
                        {loop.workload.name}
                      </th>
                      {cells.map((cell, column) => (
                        <td key={nodes[column]} className="num">
                          {cell === null ? (
                            <span className="faint" title="no replica here">
                              –
                            </span>
                          ) : (
                            <span className={cell.failing > 0 ? 'failing' : 'held'}>
                              {cell.failing}/{cell.total}
                            </span>
                          )}
                        </td>
                      ))}
                      {hidden > 0 ? <td /> : null}
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
          ) : null}
        </div>
      </td>
      {/* Columns come and go with the width: a cell that spans them would add one where some are hidden. */}
      {columns.slice(1).map((name) => (
        <td key={name} className={`c-${name}`} aria-hidden="true" />
      ))}
    </tr>
  );
});
