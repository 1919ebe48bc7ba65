/** What a recorder writes before the newest message where it counts similar events as one (`client-go/tools/record/events_cache.go`). */
const COMBINED = '(combined from similar events): ';

/** The message of an event as the newest of the combined ones had it, and whether it stands for several. */
export function readCombined(message: string): { readonly message: string; readonly aggregated: boolean } {
  const aggregated = message.startsWith(COMBINED);
  return { message: aggregated ? message.slice(COMBINED.length) : message, aggregated };
}

/** The message as the recorder writes it: the opposite of `readCombined`. A stored message may carry the prefix already. */
export function writeCombined({
  message,
  aggregated,
}: {
  readonly message: string;
  readonly aggregated: boolean;
}): string {
  return aggregated && !message.startsWith(COMBINED) ? `${COMBINED}${message}` : message;
}
