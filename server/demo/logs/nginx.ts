import { iso, numberOf, turnOf } from './lines';
import type { Print } from './log-script';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A line of nginx's error log. */
export function nginxError(level: 'notice' | 'warn' | 'error' | 'emerg', message: string): Print {
  return (at) => `${iso(at).slice(0, 19).replaceAll('-', '/').replace('T', ' ')} [${level}] 1#1: ${message}`;
}

/** A line of nginx's access log for a turn: ordinary traffic. */
export function nginxAccess(at: number, turn: number): string {
  const text = iso(at);
  const day = `${text.slice(8, 10)}/${MONTHS[Number(text.slice(5, 7)) - 1]}/${text.slice(0, 4)}:${text.slice(11, 19)} +0000`;
  const path = turnOf(turn, ['/', '/assets/app.css', '/api/cart', '/api/products?page=2', '/healthz', '/login']);
  const status = turnOf(turn, [200, 200, 200, 304, 200, 204]);
  return `10.244.${numberOf(turn, 11, 16)}.${numberOf(turn, 10, 240)} - - [${day}] "GET ${path} HTTP/1.1" ${status} ${numberOf(turn, 120, 24_000)} "-" "Mozilla/5.0"`;
}
