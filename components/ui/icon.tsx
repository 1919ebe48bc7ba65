import type { ReactElement } from 'react';

const line = { fill: 'none', stroke: 'currentColor', strokeLinecap: 'round', strokeLinejoin: 'round' } as const;
/** Inside a filled shape the mark takes the colour of the ground behind it, which a row may set. */
const cut = { ...line, stroke: 'var(--cut, var(--surface))' } as const;

const DRAWINGS = {
  brand: (
    <>
      <path d="M9 3.2A5.8 5.8 0 1 0 14.8 9" {...line} strokeWidth={2} />
      <path d="M9 9 15.4 2.6M11 2.2h4.8V7" {...line} strokeWidth={2} />
    </>
  ),
  looping: (
    <>
      <circle cx={8} cy={8} r={7} fill="currentColor" />
      <path d="M11.1 8.9a3.2 3.2 0 1 1-.5-2.8" {...cut} strokeWidth={1.5} />
      <path d="M11.5 3.9v2.6H8.9" {...cut} strokeWidth={1.5} />
    </>
  ),
  'came-back': (
    <>
      <circle cx={8} cy={8} r={7} fill="currentColor" />
      <path d="M4.6 6.4h4.6a2.3 2.3 0 0 1 0 4.6H7" {...cut} strokeWidth={1.5} />
      <path d="M6.5 4.3 4.4 6.4l2.1 2.1" {...cut} strokeWidth={1.5} />
    </>
  ),
  'never-started': (
    <>
      <rect x={1.5} y={1.5} width={13} height={13} rx={2} fill="currentColor" />
      <path d="M4.8 8h6.4" {...cut} strokeWidth={1.8} />
    </>
  ),
  starting: (
    <>
      <circle cx={8} cy={8} r={6.2} {...line} strokeWidth={1.6} />
      <path d="M8 4.2a3.8 3.8 0 0 1 0 7.6z" fill="currentColor" />
    </>
  ),
  slow: (
    <>
      <circle cx={8} cy={8} r={6.2} {...line} strokeWidth={1.6} />
      <path d="M8 4.6V8l2.2 1.6" {...line} strokeWidth={1.6} />
    </>
  ),
  holding: (
    <>
      <circle cx={8} cy={8} r={6.2} {...line} strokeOpacity={0.3} strokeWidth={1.6} />
      <path d="M8 1.8a6.2 6.2 0 1 1-5.9 4.3" {...line} strokeWidth={1.8} />
    </>
  ),
  recovered: (
    <>
      <circle cx={8} cy={8} r={6.2} {...line} strokeWidth={1.6} />
      <path d="M5.2 8.2 7.2 10.2l3.6-4.2" {...line} strokeWidth={1.6} />
    </>
  ),
  gone: <circle cx={8} cy={8} r={6.2} {...line} strokeLinecap="butt" strokeWidth={1.6} strokeDasharray="2.2 2.67" />,
  seen: <path d="m3.2 8.4 3 3 6.6-7" {...line} strokeWidth={1.8} />,
  partly: (
    <>
      <circle cx={8} cy={8} r={6.2} {...line} strokeWidth={1.5} strokeDasharray="20 6" />
      <path d="M5.5 8h5" {...line} strokeWidth={1.5} />
    </>
  ),
  unseen: (
    <>
      <path d="M3 13 13 3" {...line} strokeWidth={1.5} />
      <circle cx={8} cy={8} r={6.2} {...line} strokeWidth={1.5} />
    </>
  ),
  problem: (
    <>
      <path d="M8 1.9 14.7 13.6H1.3z" {...line} strokeWidth={1.5} />
      <path d="M8 6.3v3.4M8 11.7v.1" {...line} strokeWidth={1.6} />
    </>
  ),
  info: (
    <>
      <circle cx={8} cy={8} r={6.2} {...line} strokeWidth={1.5} />
      <path d="M8 7.4v3.8M8 4.9V5" {...line} strokeWidth={1.6} />
    </>
  ),
  down: <path d="m4 6 4 4 4-4" {...line} strokeWidth={1.5} />,
  search: (
    <>
      <circle cx={7} cy={7} r={4.5} {...line} strokeWidth={1.5} />
      <path d="m10.5 10.5 3.5 3.5" {...line} strokeWidth={1.5} />
    </>
  ),
  close: <path d="m3 3 10 10M13 3 3 13" {...line} strokeWidth={2} />,
  plus: <path d="M8 3v10M3 8h10" {...line} strokeWidth={1.6} />,
  minus: <path d="M3 8h10" {...line} strokeWidth={1.6} />,
  copy: (
    <>
      <rect x={5.5} y={5.5} width={8} height={8} rx={1.5} {...line} strokeWidth={1.4} />
      <path d="M10.5 3.2V3a1 1 0 0 0-1-1H3.5A1.5 1.5 0 0 0 2 3.5v6a1 1 0 0 0 1 1h.2" {...line} strokeWidth={1.4} />
    </>
  ),
  theme: (
    <>
      <circle cx={8} cy={8} r={5.6} {...line} strokeWidth={1.5} />
      <path d="M8 2.4a5.6 5.6 0 0 1 0 11.2z" fill="currentColor" />
    </>
  ),
  ascending: <path d="M8 13V3.4M4.4 7 8 3.4 11.6 7" {...line} strokeWidth={1.6} />,
  descending: <path d="M8 3v9.6M4.4 9 8 12.6 11.6 9" {...line} strokeWidth={1.6} />,
} as const satisfies Record<string, ReactElement>;

export type IconName = keyof typeof DRAWINGS;

export interface IconProps {
  readonly name: IconName;
  /** A status hue by its class name: `failing`, `waiting`, `starting`, `held`, `gone`, `muted`. */
  readonly tone?: string;
  /** What the icon says where no word stands beside it. Without it the icon is decoration. */
  readonly label?: string;
}

/** Draws one 16 px icon in the colour of its text. */
export function Icon({ name, tone = '', label }: IconProps): ReactElement {
  const className = tone === '' ? 'icon' : `icon ${tone}`;
  if (label === undefined) {
    return (
      <svg className={className} viewBox="0 0 16 16" aria-hidden="true">
        {DRAWINGS[name]}
      </svg>
    );
  }
  return (
    <svg className={className} viewBox="0 0 16 16" role="img" aria-label={label}>
      {DRAWINGS[name]}
    </svg>
  );
}
