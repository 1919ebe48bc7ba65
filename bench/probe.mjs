// Loaded into a measured process with --import: writes its memory and the longest block of its event loop to a file, twice a second.
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const file = process.env.UNLOOP_BENCH_PROBE;
const RESOLUTION_MS = 2;
if (file && isMainThread) {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  const startedAt = Date.now();
  let rssPeak = 0;
  const write = (to) => {
    const rss = process.memoryUsage.rss();
    rssPeak = Math.max(rssPeak, rss);
    const blockMs = Math.max(0, delays.max / 1e6 - RESOLUTION_MS);
    const cpu = process.cpuUsage();
    const line = {
      pid: process.pid,
      at: Date.now(),
      startedAt,
      rss,
      rssPeak,
      blockMs,
      cpuMs: (cpu.user + cpu.system) / 1000,
    };
    writeFileSync(to, JSON.stringify(line));
  };
  setInterval(() => write(file), 500).unref();
  // A signal ends one count, keeps it beside the running one, and starts the next.
  process.on('SIGUSR2', () => {
    write(`${file}.ended`);
    delays.reset();
    rssPeak = 0;
    write(file);
  });
  write(file);
}
