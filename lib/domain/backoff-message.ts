/** `container/sync_result.go`: `back-off %s restarting failed container=%s pod=%s_%s(%s)` (crash-semantics 1.6). */
const RESTART_MESSAGE =
  /^back-off (?<delay>(?:\d+h)?(?:\d+m)?(?:\d+(?:\.\d+)?s)?) restarting failed container=\S+ pod=[^_\s]+_[^(\s]+\([^)]+\)$/;

const GO_DURATION = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?$/;

/** The milliseconds of a Go duration of hours, minutes and seconds (`1m20s`, `5m0s`, `1.5s`), or null for anything else. */
export function parseGoDuration(text: string): number | null {
  const parts = GO_DURATION.exec(text);
  if (text === '' || parts === null) return null;
  const [hours, minutes, seconds] = [parts[1], parts[2], parts[3]].map((part) => Number(part ?? 0));
  return Math.round(((hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0)) * 1000);
}

/**
 * The delay in milliseconds that the kubelet names in `state.waiting.message` of a container in `CrashLoopBackOff`, or
 * null where the message is another one. The delay counts from the end of the newest run.
 */
export function parseBackoffMessage(message: string): number | null {
  const delay = RESTART_MESSAGE.exec(message)?.groups?.delay;
  return delay === undefined ? null : parseGoDuration(delay);
}
