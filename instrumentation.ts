/** Starts the watcher once per process, before the first request. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    const { unwrapContentType } = await import('@/server/content-type');
    const { startRuntime } = await import('@/server/runtime');
    unwrapContentType();
    await startRuntime();
  }
}
