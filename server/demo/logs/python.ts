import { iso } from './lines';
import type { Print } from './log-script';

/** A line of `logging` with a usual format: `2026-11-23 05:34:05,778 INFO name: text`. */
export function pyLog(
  level: 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL',
  name: string,
  message: string,
): Print {
  return (at) => `${iso(at).slice(0, 23).replace('T', ' ').replace('.', ',')} ${level} ${name}: ${message}`;
}

/** A line of uvicorn. */
export function uvicorn(message: string): Print {
  return () => `INFO:     ${message}`;
}
