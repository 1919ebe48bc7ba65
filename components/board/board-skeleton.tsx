import type { ReactElement } from 'react';

const ROWS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];
const TOTALS = ['looping now', 'never started', 'recovered in 24 h'];
const COLUMNS = ['state', 'ns', 'name', 'cause', 'status', 'restarts', 'strip', 'next', 'fail', 'since', 'change'];

/** Keeps the places of numbers and rows until they are there. */
export function BoardSkeleton(): ReactElement {
  return (
    <div aria-busy="true">
      <p className="hidden-text">Reading the loops</p>
      <div className="totals" aria-hidden="true">
        {TOTALS.map((words) => (
          <div key={words} className="total">
            <span className="bone" />
            <span className="words">{words}</span>
            <span className="detail">&nbsp;</span>
          </div>
        ))}
        <div className="day" />
      </div>
      <div className="filters" aria-hidden="true">
        <div className="field filter" />
      </div>
      <div className="note" aria-hidden="true" />
      <table className="loops bones" aria-hidden="true">
        <colgroup>
          {COLUMNS.map((name) => (
            <col key={name} className={`c-${name}`} />
          ))}
        </colgroup>
        <tbody>
          {ROWS.map((row) => (
            <tr key={row}>
              {COLUMNS.map((name) => (
                <td key={name} className={`c-${name}`}>
                  <span className="bone" />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
