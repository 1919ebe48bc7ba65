// Does nothing until its input ends, then prints the longest delay of its event loop: what the machine itself does to a process.
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 2;
const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delays.enable();
process.stdin.resume();
process.stdin.on('end', () => {
  process.stdout.write(`${Math.max(0, delays.max / 1e6 - RESOLUTION_MS)}\n`);
});
