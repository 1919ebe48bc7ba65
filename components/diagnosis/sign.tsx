import type { ReactElement } from 'react';
import type { FactPlaceBody } from '@/lib/contract/fact-place';

const line = { fill: 'none', stroke: 'currentColor', strokeLinecap: 'round', strokeLinejoin: 'round' } as const;

const DRAWINGS = {
  logs: <path d="M2.5 4h11M2.5 8h11M2.5 12h6" strokeWidth="1.5" {...line} />,
  events: (
    <>
      <circle cx="8" cy="8" r="5.8" strokeWidth="1.5" {...line} />
      <path d="M8 4.8V8l2.2 1.6" strokeWidth="1.5" {...line} />
    </>
  ),
  spec: <path d="M5.8 3.6 2.4 8l3.4 4.4M10.2 3.6 13.6 8l-3.4 4.4" strokeWidth="1.5" {...line} />,
  status: <path d="M1.8 8h2.9l1.8-4.4 2.9 8.8L11.2 8h3" strokeWidth="1.5" {...line} />,
  runs: <path d="M2 8h3.4M9.4 8H14M7.4 3.4v9.2" strokeWidth="1.5" {...line} />,
  left: <path d="m10 4-4 4 4 4" strokeWidth="1.5" {...line} />,
  right: <path d="m6 4 4 4-4 4" strokeWidth="1.5" {...line} />,
  up: <path d="m4 10 4-4 4 4" strokeWidth="1.5" {...line} />,
  reload: (
    <>
      <path d="M13.3 9A5.4 5.4 0 1 1 12 4.4L13.5 6" strokeWidth="1.5" {...line} />
      <path d="M13.6 2.6V6h-3.4" strokeWidth="1.5" {...line} />
    </>
  ),
} as const satisfies Record<FactPlaceBody['tab'] | 'left' | 'right' | 'up' | 'reload', ReactElement>;

export type SignName = keyof typeof DRAWINGS;

/** The signs that only a diagnosis needs: where a fact was read, and its pagers. Decoration: words stand beside them. */
export function Sign({ name }: { readonly name: SignName }): ReactElement {
  return (
    <svg className="icon" viewBox="0 0 16 16" aria-hidden>
      {DRAWINGS[name]}
    </svg>
  );
}
