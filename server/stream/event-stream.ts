import 'server-only';
import type { StreamFrame } from '@/lib/contract/stream';
import type { Sight } from '@/lib/domain/viewer';
import { frameText, type StreamHub } from './hub';

/** A page that hears nothing for 10 s says that it is not live. A comment would do for proxies, but no page is told of it. */
const BEAT_MS = 4_000;
const BEAT = 'event: beat\ndata: {}\n\n';
/** A reader this many bytes behind gets no more frames: when it has caught up, a `gap` and a fresh snapshot. */
const MAX_QUEUED_BYTES = 1024 * 1024;

/**
 * Answers one viewer with server-sent events: `first()` frames (hello, snapshot), then changes. `closers` ends it at shutdown.
 * Nothing is queued without bound: a slow reader loses frames, is told so and gets a snapshot.
 */
export function eventStream(options: {
  hub: StreamHub;
  sight: Sight;
  signal: AbortSignal;
  first: () => readonly StreamFrame[];
  snapshot: () => StreamFrame;
  closers: Set<() => void>;
  /** Called once, when nothing more is sent. */
  onEnd: () => void;
}): Response {
  const encoder = new TextEncoder();
  let end = () => {};
  let skipped = false;
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const write = (text: string) => controller.enqueue(encoder.encode(text));
        const beat = setInterval(() => {
          if ((controller.desiredSize ?? 0) > -MAX_QUEUED_BYTES) write(BEAT);
        }, BEAT_MS);
        const unsubscribe = options.hub.subscribe({
          sight: options.sight,
          send(text) {
            if (text === null) return end();
            if ((controller.desiredSize ?? 0) < -MAX_QUEUED_BYTES) {
              skipped = true;
              return;
            }
            write(text);
          },
        });
        end = () => {
          end = () => {};
          clearInterval(beat);
          unsubscribe();
          options.onEnd();
          options.closers.delete(close);
          options.signal.removeEventListener('abort', close);
          try {
            controller.close();
          } catch {
            // Already closed by the reader: nothing is left to end.
          }
        };
        const close = () => end();
        options.closers.add(close);
        options.signal.addEventListener('abort', close);
        for (const frame of options.first()) write(frameText(frame, options.hub.sequence));
      },
      pull(controller) {
        if (!skipped) return;
        skipped = false;
        const gap: StreamFrame = { kind: 'gap', reason: 'this page read too slowly; some changes were left out' };
        for (const frame of [gap, options.snapshot()])
          controller.enqueue(encoder.encode(frameText(frame, options.hub.sequence)));
      },
      cancel() {
        end();
      },
    },
    new ByteLengthQueuingStrategy({ highWaterMark: 64 * 1024 }),
  );
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    },
  });
}
