import type { Page } from '@playwright/test';
import type { Cluster } from '@/lib/contract/cluster';
import type { LoopsPage } from '@/lib/contract/loop';
import type { StreamFrame } from '@/lib/contract/stream';

/** Gives the board of the demo cluster as the API tells it. */
export async function readLoops(page: Page): Promise<LoopsPage> {
  const response = await page.request.get('/api/v1/clusters/demo/loops');
  return response.json();
}

/** Gives the demo cluster as the API tells it. */
export async function readCluster(page: Page): Promise<Cluster> {
  const response = await page.request.get('/api/v1/clusters');
  const { clusters } = await response.json();
  return clusters[0];
}

/** Gives the two frames that open every connection. */
export function opening(cluster: Cluster, board: LoopsPage): StreamFrame[] {
  return [
    { kind: 'hello', version: 'test', sequence: board.sequence, cluster },
    { kind: 'snapshot', page: board },
  ];
}

/**
 * Puts a script in place of the live stream: each connection of the page gets the frames of `next()` and ends, so the page
 * comes again after its wait. `null` refuses the connection.
 */
export async function scriptStream(page: Page, next: () => readonly StreamFrame[] | null): Promise<void> {
  await page.route('**/api/v1/clusters/*/stream*', async (route) => {
    const frames = next();
    if (frames === null) {
      await route.abort();
      return;
    }
    const body = frames.map((frame) => `event: ${frame.kind}\ndata: ${JSON.stringify(frame)}\n\n`).join('');
    await route.fulfill({ contentType: 'text/event-stream', headers: { 'cache-control': 'no-cache' }, body });
  });
}
