import { iso } from './lines';
import type { Print } from './log-script';

/** A line of PostgreSQL's server log. */
export function postgres(level: 'LOG' | 'WARNING' | 'ERROR' | 'FATAL', message: string, pid = 1): Print {
  return (at) => `${iso(at).slice(0, 23).replace('T', ' ')} UTC [${pid}] ${level}:  ${message}`;
}
