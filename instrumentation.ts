/** Starts the watcher once per process, before the first request. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    const { unwrapContentType } = await import('@/server/edge/content-type');
    const { placeGate } = await import('@/server/edge/gate');
    const { startRuntime } = await import('@/server/runtime');
    unwrapContentType();
    placeGate(Number(process.env.PORT));
    await startRuntime();
  }
}
