import type { Page } from '@playwright/test';
import type { Cluster } from '@/lib/contract/cluster';
import type { LoopsPage } from '@/lib/contract/loop';
import type { StreamFrame } from '@/lib/contract/stream';

/** What the page under test holds in place of the browser's `EventSource`. */
interface ScriptedWindow extends Window {
  scripted: { sources: EventTarget[]; opening: StreamFrame[]; isRefusing: boolean };
}

/** The board of the demo cluster as the API tells it. */
export async function readLoops(page: Page): Promise<LoopsPage> {
  const response = await page.request.get('/api/v1/clusters/demo/loops');
  return response.json();
}

/** The demo cluster as the API tells it. */
export async function readCluster(page: Page): Promise<Cluster> {
  const response = await page.request.get('/api/v1/clusters');
  const { clusters } = await response.json();
  return clusters[0];
}

/** The live stream of one page in the hand of a test. */
export interface ScriptedStream {
  /** Sends frames on the connection that is open. */
  send(...frames: StreamFrame[]): Promise<void>;
  /** Breaks the connection and refuses new ones. */
  cut(): Promise<void>;
  /** Lets connections in again. */
  mend(): Promise<void>;
}

/** Puts a script in place of the stream before the page opens: each connection starts with hello and this snapshot. */
export async function scriptStream(page: Page, cluster: Cluster, board: LoopsPage): Promise<ScriptedStream> {
  const opening: StreamFrame[] = [
    { kind: 'hello', version: 'test', sequence: board.sequence, cluster },
    { kind: 'snapshot', page: board },
  ];
  await page.addInitScript((frames: StreamFrame[]) => {
    const target = window as unknown as ScriptedWindow;
    target.scripted = { sources: [], opening: frames, isRefusing: false };
    class ScriptedSource extends EventTarget {
      constructor() {
        super();
        const { scripted } = target;
        scripted.sources.push(this);
        setTimeout(() => {
          if (scripted.isRefusing) this.dispatchEvent(new Event('error'));
          else
            for (const frame of scripted.opening) {
              this.dispatchEvent(new MessageEvent(frame.kind, { data: JSON.stringify(frame) }));
            }
        });
      }
      close(): void {
        target.scripted.sources = target.scripted.sources.filter((source) => source !== this);
      }
    }
    Object.assign(target, { EventSource: ScriptedSource });
  }, opening);
  return {
    send: (...frames) =>
      page.evaluate((sent: StreamFrame[]) => {
        for (const source of (window as unknown as ScriptedWindow).scripted.sources) {
          for (const frame of sent) source.dispatchEvent(new MessageEvent(frame.kind, { data: JSON.stringify(frame) }));
        }
      }, frames),
    cut: () =>
      page.evaluate(() => {
        const { scripted } = window as unknown as ScriptedWindow;
        scripted.isRefusing = true;
        for (const source of scripted.sources) source.dispatchEvent(new Event('error'));
      }),
    mend: () =>
      page.evaluate(() => {
        (window as unknown as ScriptedWindow).scripted.isRefusing = false;
      }),
  };
}
