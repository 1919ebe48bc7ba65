import type { Print } from './log-script';

const LEVELS = { debug: 20, info: 30, warn: 40, error: 50, fatal: 60 };

/** A line of pino: JSON with a numeric level. */
export function pino(level: keyof typeof LEVELS, name: string, message: string, fields: object = {}): Print {
  return (at) => JSON.stringify({ level: LEVELS[level], time: Math.round(at), pid: 1, name, ...fields, msg: message });
}

/** The lines of a request as many servers print them, coloured by method. */
export function coloured(method: string, path: string, status: number, ms: number): string {
  return `\u001b[36m${method}\u001b[39m ${path} \u001b[${status < 400 ? 32 : 33}m${status}\u001b[39m ${ms}ms`;
}
