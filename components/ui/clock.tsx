'use client';

import { createContext, type ReactElement, type ReactNode, useContext, useSyncExternalStore } from 'react';
import { formatAbsolute } from '@/lib/format/clock';

const SECOND_MS = 1000;
/** Below this the difference is the way through the network, not a wrong clock. */
const SKEW_MIN_MS = 2000;

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | null = null;
let skewMs = 0;

function now(): number {
  return Date.now() + skewMs;
}

function tick(): void {
  timer = setTimeout(tick, SECOND_MS - (now() % SECOND_MS));
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === null) timer = setTimeout(tick, SECOND_MS - (now() % SECOND_MS));
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearTimeout(timer);
    timer = null;
  };
}

/** Sets the shared clock right by the server's: takes the server's time of a message that has just come, in epoch ms. */
export function correctClock(serverNow: number): void {
  const difference = serverNow - Date.now();
  skewMs = Math.abs(difference) < SKEW_MIN_MS ? 0 : difference;
}

const ServerTime = createContext(0);

/** Gives the first render the moment (epoch ms) at which the server made the page, so that both sides print the same ages. */
export function ServerTimeProvider({ at, children }: { at: number; children: ReactNode }): ReactElement {
  return <ServerTime value={at}>{children}</ServerTime>;
}

/**
 * What `select` makes of the time now (epoch ms), once a second from one timer for the whole tab. The component renders
 * again only when the result differs, so it should be a text or a number.
 */
export function useClock<T extends string | number | boolean>(select: (now: number) => T): T {
  const serverTime = useContext(ServerTime);
  return useSyncExternalStore(
    subscribe,
    () => select(now()),
    () => select(serverTime),
  );
}

/** Shows a text that depends on the time now. */
export function Ticking({ text }: { text: (now: number) => string }): string {
  return useClock(text);
}

/** Shows a text that depends on the time since an instant (ISO-8601), with the absolute time on hover. */
export function Since({ at, text }: { at: string; text: (elapsedMs: number) => string }): ReactElement {
  const from = Date.parse(at);
  const words = useClock((time) => text(time - from));
  return (
    <time dateTime={at} title={formatAbsolute(from)}>
      {words}
    </time>
  );
}
