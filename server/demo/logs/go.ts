import { iso } from './lines';
import type { Print } from './log-script';

/** A line of `log/slog`'s text handler, which quotes a message only where it must. `rest` is `key=value` pairs. */
export function slog(level: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR', message: string, rest = ''): Print {
  const quoted = /[\s"=]/.test(message) ? JSON.stringify(message) : message;
  return (at) => `time=${iso(at)} level=${level} msg=${quoted}${rest === '' ? '' : ` ${rest}`}`;
}

/** A line of klog: `I1123 05:34:05.778000       1 main.go:42] text`. */
export function klog(level: 'I' | 'W' | 'E' | 'F', place: string, message: string): Print {
  return (at) => {
    const text = iso(at);
    return `${level}${text.slice(5, 7)}${text.slice(8, 10)} ${text.slice(11, 23)}000       1 ${place}] ${message}`;
  };
}

/** A line of the standard `log` package. */
export function goLog(message: string): Print {
  return (at) => `${iso(at).slice(0, 19).replace('T', ' ').replaceAll('-', '/')} ${message}`;
}
