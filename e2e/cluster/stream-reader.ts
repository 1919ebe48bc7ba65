import { type StreamFrame, StreamFrameSchema } from '@/lib/contract/stream';

/** An open live stream, read as a page reads it. */
export interface StreamReader {
  /** Every frame so far, oldest first, with the time it came. */
  readonly frames: readonly { readonly at: number; readonly frame: StreamFrame }[];
  /** True once the server ended it or it broke. */
  isOver(): boolean;
  close(): void;
}

/** Opens a stream (text/event-stream, one JSON document in `data:` per event) and reads until closed. Throws where it is refused. */
export async function openStream(url: string): Promise<StreamReader> {
  const controller = new AbortController();
  const response = await fetch(url, { signal: controller.signal });
  if (!response.ok || !response.body) throw new Error(`${url}: ${response.status}`);
  const frames: { at: number; frame: StreamFrame }[] = [];
  let isOver = false;
  const read = async (body: ReadableStream<Uint8Array>) => {
    let rest = '';
    const decoder = new TextDecoder('utf-8', { fatal: true });
    for await (const chunk of body) {
      const events = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) {
        const lines = event.split('\n');
        // A beat says only that the server is there.
        if (lines.includes('event: beat')) continue;
        const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trimStart());
        if (data.length > 0)
          frames.push({ at: Date.now(), frame: StreamFrameSchema.parse(JSON.parse(data.join('\n'))) });
      }
    }
  };
  read(response.body)
    .catch((error: unknown) => {
      if (!controller.signal.aborted) process.stderr.write(`stream: ${String(error)}\n`);
    })
    .finally(() => {
      isOver = true;
    });
  return { frames, isOver: () => isOver, close: () => controller.abort() };
}
