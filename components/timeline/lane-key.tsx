import type { ReactElement, ReactNode } from 'react';
import type { LaneChart } from './lanes';

/** What the marks mean, only those that occur. */
export function LaneKey({ has }: { readonly has: LaneChart['has'] }): ReactElement {
  return (
    <span className="key label" aria-hidden>
      {has.run ? (
        <Entry words="run">
          <svg viewBox="0 0 16 12" width="16" height="12" aria-hidden>
            <path className="m-run" d="M0 6H16" strokeWidth="8" />
          </svg>
        </Entry>
      ) : null}
      {has.crash ? (
        <Entry words="crash, exit code">
          <svg viewBox="0 0 6 14" width="6" height="14" aria-hidden>
            <path className="m-crash" d="M3 0V14" strokeWidth="2" />
          </svg>
        </Entry>
      ) : null}
      {has.wait ? (
        <Entry words="wait">
          <svg viewBox="0 0 16 12" width="16" height="12" aria-hidden>
            <path className="m-wait" d="M0 6H16" strokeWidth="1.5" />
          </svg>
        </Entry>
      ) : null}
      {has.idle ? (
        <Entry words="nothing ran">
          <svg viewBox="0 0 18 12" width="18" height="12" aria-hidden>
            <path className="m-none" d="M0 6H18" strokeWidth="2" />
          </svg>
        </Entry>
      ) : null}
      {has.missed ? (
        <Entry words="not seen">
          <svg viewBox="0 0 18 12" width="18" height="12" aria-hidden>
            <path className="m-none" d="M0 6H18" strokeWidth="2" />
          </svg>
        </Entry>
      ) : null}
      {has.next ? (
        <Entry words="next restart">
          <svg viewBox="0 0 10 14" width="10" height="14" aria-hidden>
            <path className="m-next" d="M1 .5H9V13.5H1z" />
          </svg>
        </Entry>
      ) : null}
    </span>
  );
}

function Entry({ words, children }: { readonly words: string; readonly children: ReactNode }): ReactElement {
  return (
    <span>
      {children}
      {words}
    </span>
  );
}
