import { iso } from './lines';
import type { Print } from './log-script';

/** A line of Ruby's Logger. */
export function rubyLog(level: 'INFO' | 'WARN' | 'ERROR' | 'FATAL', message: string): Print {
  return (at) => `${level.charAt(0)}, [${iso(at).slice(0, 23)}000 #1] ${level.padStart(5)} -- : ${message}`;
}

/** A line of Sidekiq. */
export function sidekiq(level: 'INFO' | 'WARN' | 'ERROR', message: string, context = ''): Print {
  return (at) => `${iso(at)} pid=1 tid=8vd${context === '' ? '' : ` ${context}`} ${level}: ${message}`;
}
