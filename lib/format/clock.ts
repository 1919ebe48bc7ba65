const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

const DAY_MS = 86_400_000;

const two = (value: number): string => String(value).padStart(2, '0');

/** The UTC time of day of an instant in epoch milliseconds: `14:02:31`. */
export function formatClock(at: number): string {
  const date = new Date(at);
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
}

/** The UTC time of day to the minute: `14:02`. */
export function formatMinute(at: number): string {
  return formatClock(at).slice(0, 5);
}

/** Day and month of an instant in epoch milliseconds, UTC: `11 Nov`. */
export function formatDay(at: number): string {
  const date = new Date(at);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()] ?? ''}`;
}

/** The absolute time with its zone, for hovers and copied text: `Wed 11 Nov 2026, 14:02:31 UTC`. */
export function formatAbsolute(at: number): string {
  const date = new Date(at);
  return `${WEEKDAYS[date.getUTCDay()] ?? ''} ${formatDay(at)} ${date.getUTCFullYear()}, ${formatClock(at)} UTC`;
}

/** `13:58:23`, or `9 Nov 16:21` where that is not the day of `now`. Both are epoch milliseconds, the text is UTC. */
export function formatClockOrDay(at: number, now: number): string {
  const isSameDay = Math.floor(at / DAY_MS) === Math.floor(now / DAY_MS);
  return isSameDay ? formatClock(at) : `${formatDay(at)} ${formatMinute(at)}`;
}
